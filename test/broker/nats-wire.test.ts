import { expect, test } from 'vitest'
import type { Broker, Drop, Message } from '../../src/broker/broker.js'
import { type NatsOptions, natsBroker } from '../../src/broker/nats.js'
import { headerOf } from '../../src/testing/broker/bench.js'
import { NatsClient } from '../kit/nats-client.js'
import { closeAfterwards } from '../kit/sidecar.js'
import { certificates } from '../support/certificates.js'
import { describeWithNats, NatsServer } from '../support/nats-server.js'

describeWithNats('NATS on the wire', () => {
  test('a message is published as go-micro does, which a bare socket sees', async () => {
    const { server, broker } = await pair()
    const raw = await NatsClient.to(server.port)
    await raw.subscribe('orders.new')
    await broker.publish('orders.new', message('{"id":7}', { Timestamp: '1', 'Content-Type': 'application/json' }))
    await expect
      .poll(() => raw.deliveries)
      .toEqual([
        {
          subject: 'orders.new',
          body: '{"Header":{"Timestamp":"1","Content-Type":"application/json"},"Body":"eyJpZCI6N30="}',
        },
      ])
  })

  test('what go-micro and other clients publish is delivered, and what is no message is counted', async () => {
    const { server, broker } = await pair()
    const raw = await NatsClient.to(server.port)
    const { got, drops } = await listen(broker, 'orders')
    const good = [
      '{"Header":{"Micro-Id":"1"},"Body":"YQ=="}',
      '{"Header":null,"Body":"Yg=="}',
      '{"body":"Yw==","header":{},"Extra":[1]}',
      '{"Header":{"__proto__":"x"}}',
    ]
    const bad = [
      '',
      'hello',
      'null',
      '[]',
      '7',
      '{}',
      '{"Body":7}',
      '{"Body":"%"}',
      '{"Header":{"a":1},"Body":""}',
      '{"Header":[]}',
    ]
    for (const body of [...bad, ...good, '{"Header":"x"}']) await raw.publish('orders', body)
    await expect.poll(() => got.map(({ body }) => body.toString())).toEqual(['a', 'b', 'c', ''])
    await expect.poll(() => drops).toEqual(Array(bad.length + 1).fill({ topic: 'orders', reason: 'malformed' }))
    expect(Object.entries(got[0]?.header ?? {})).toEqual([['Micro-Id', '1']])
    expect(Object.entries(got[3]?.header ?? {})).toEqual([['__proto__', 'x']])
  })

  test('R11: a queue is one with that of other clients', async () => {
    const { server, broker } = await pair()
    const raw = await NatsClient.to(server.port)
    await raw.subscribe('work', 'workers')
    const { got } = await listen(broker, 'work', 'workers')
    for (let i = 0; i < 200; i++) await broker.publish('work', message(String(i)))
    await expect.poll(() => raw.deliveries.length + got.length).toBe(200)
    expect(raw.deliveries.length).toBeGreaterThan(0)
    expect(got.length).toBeGreaterThan(0)
  })

  test('topics that NATS does not take as names are refused, and reach nothing', async () => {
    const { server, broker } = await pair()
    const raw = await NatsClient.to(server.port)
    await raw.subscribe('>')
    const steering = ['$JS.API.INFO', '$SYS.REQ.SERVER.PING', '_INBOX.x', '_INBOX']
    for (const topic of [...steering, '>', '*', 'a.*', 'a.>', '.a', 'a.', 'a..b', 'ü'.repeat(2000)]) {
      await expect(broker.publish(topic, message('x')), topic).rejects.toMatchObject({ code: 400 })
      await expect(
        broker.subscribe(topic, () => {}),
        topic,
      ).rejects.toMatchObject({ code: 400 })
    }
    await expect(broker.subscribe('a', () => {}, { queue: 'q'.repeat(3600) })).rejects.toMatchObject({ code: 400 })
    await broker.publish('a*b.c>', message('x'))
    await raw.flush()
    expect(raw.deliveries.map(({ subject }) => subject)).toEqual(['a*b.c>'])
  })

  test('a message larger than the server takes is 413, and the connection stays', async () => {
    const { broker } = await pair('max_payload: 1000')
    const { got } = await listen(broker, 'a')
    await expect(broker.publish('a', message('x'.repeat(1000)))).rejects.toMatchObject({
      code: 413,
      reason: 'too_large',
    })
    await broker.publish('a', message('x'.repeat(700)))
    await expect.poll(() => got.length).toBe(1)
  })

  test('what the user may not do is an error that says so, and nobody else is concerned', async () => {
    const permissions = 'permissions: { publish: { deny: "no.pub" }, subscribe: { deny: "no.sub" } }'
    const users = `authorization { users: [ { user: u, password: p, ${permissions} } ] }`
    const { broker } = await pair(users, { user: 'u', pass: 'p' })
    const { got } = await listen(broker, 'yes')
    const outcomes = await Promise.allSettled(
      ['yes', 'no.pub', 'yes'].map((topic) => broker.publish(topic, message('x'))),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: { code: 503, reason: 'forbidden' } })
    await expect(broker.subscribe('no.sub', () => {})).rejects.toMatchObject({ code: 503, reason: 'forbidden' })
    await broker.publish('yes', message('x'))
    await expect.poll(() => got.length).toBe(3)
  })

  test('user, password and token open; wrong ones do not, and are not told to anybody', async () => {
    for (const [config, right, wrong] of [
      ['authorization { user: u, password: sesame }', { user: 'u', pass: 'sesame' }, { user: 'u', pass: 'canary' }],
      ['authorization { token: sesame }', { token: 'sesame' }, { token: 'canary' }],
    ] as const) {
      const { server, broker } = await pair(config, right)
      expect(broker.status()).toEqual({ state: 'ok', guarantee: 'at-most-once' })
      const lines: string[] = []
      const keep = (...line: unknown[]) => void lines.push(JSON.stringify(line))
      const other = await started({ servers: [server.address], ...wrong, log: { info: keep, warn: keep } })
      expect(other.status()).toMatchObject({ state: 'down', detail: expect.stringMatching(/authorization/i) })
      const error = await other.publish('a', message('x')).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 503, reason: 'connect' })
      expect(JSON.stringify([lines, other.status(), error])).not.toContain('canary')
      expect(lines).toHaveLength(1)
    }
  })

  test('TLS: with the right authority, and with nothing else', async () => {
    const { folder, ca, otherCa, cert, key } = certificates()
    const tls = `tls { cert_file: "${folder}/server.pem", key_file: "${folder}/server.key"`
    const { server, broker } = await pair(`${tls} }`, { tls: { ca } })
    expect(broker.status().state).toBe('ok')
    for (const wrong of [{ ca: otherCa }, {}]) {
      const other = await started({ servers: [server.address], tls: wrong })
      expect(other.status()).toMatchObject({ state: 'down', detail: expect.stringMatching(/certificate|issuer/) })
    }
    expect((await started({ servers: [server.address] })).status().state).toBe('down')
    const { broker: shown } = await pair(`${tls}, ca_file: "${ca}", verify: true }`, { tls: { ca, cert, key } })
    expect(shown.status().state).toBe('ok')
    const plain = await NatsServer.start()
    closeAfterwards(() => plain.remove())
    expect((await started({ servers: [`tls://${plain.address}`] })).status()).toMatchObject({ state: 'down' })
    expect((await started({ servers: [plain.address], tls: { ca } })).status()).toMatchObject({ state: 'down' })
  })
})

/** A server and a broker on it, both gone after the test. */
async function pair(config = '', options: NatsOptions = {}): Promise<{ server: NatsServer; broker: Broker }> {
  const server = await NatsServer.start(config)
  closeAfterwards(() => server.remove())
  return { server, broker: await started({ servers: [server.address], ...options }) }
}

async function started(options: NatsOptions): Promise<Broker> {
  const broker = natsBroker(options)
  closeAfterwards(() => broker.close())
  await broker.start?.()
  return broker
}

async function listen(broker: Broker, topic: string, queue?: string): Promise<{ got: Message[]; drops: Drop[] }> {
  const got: Message[] = []
  const drops: Drop[] = []
  broker.watchDrops?.((drop) => drops.push(drop))
  await broker.subscribe(topic, (taken) => void got.push(taken), { queue })
  return { got, drops }
}

function message(body: string, header: Record<string, string> = {}): Message {
  return { header: headerOf(header), body: Buffer.from(body) }
}
