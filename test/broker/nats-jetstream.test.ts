import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Broker, Drop, Listener, Message, Unsubscribe } from '../../src/broker/broker.js'
import { natsBroker } from '../../src/broker/nats.js'
import { ConfigError } from '../../src/errors.js'
import { headerOf } from '../../src/testing/broker/bench.js'
import { NatsClient } from '../kit/nats-client.js'
import { closeAfterwards } from '../kit/sidecar.js'
import { describeWithNats, NatsServer } from '../support/nats-server.js'

describeWithNats('NATS with JetStream: at least once', () => {
  test('is refused at the start where the server cannot give it', async () => {
    const server = await NatsServer.start()
    closeAfterwards(() => server.remove())
    const broker = natsBroker({ servers: [server.address], delivery: 'at-least-once' })
    const refusal = await broker.start?.().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(String(refusal)).toContain(`broker.delivery: the NATS server at ${server.address} has no JetStream`)
    await expect(broker.publish('a', message('x'))).rejects.toMatchObject({ code: 503 })
  })

  test('a server that is away at the start and turns out to have none accepts nothing', async () => {
    const server = await NatsServer.make()
    closeAfterwards(() => server.remove())
    const broker = await started(server)
    await server.start()
    await expect.poll(() => broker.status().detail, { timeout: 4000 }).toContain('has no JetStream')
    expect(broker.status()).toMatchObject({ state: 'down', guarantee: 'at-least-once' })
    await expect(broker.publish('a', message('x'))).rejects.toMatchObject({ code: 503 })
  })

  test('what a listener does not take comes again, what it took does not', async () => {
    const { broker } = await pair()
    const seen: string[] = []
    await broker.subscribe('a', async ({ body }) => {
      seen.push(body.toString())
      if (seen.length < 3) throw new Error('not now')
    })
    await broker.publish('a', message('x'))
    await expect.poll(() => seen, { timeout: 3000 }).toEqual(['x', 'x', 'x'])
    await broker.publish('a', message('y'))
    await expect.poll(() => seen).toEqual(['x', 'x', 'x', 'y'])
    await wait(300)
    expect(seen).toEqual(['x', 'x', 'x', 'y'])
  })

  test('R11: what a killed member of a queue had and did not settle goes to another one', async () => {
    const { server, broker } = await pair()
    const [stuck, taken]: string[][] = [[], []]
    const dying = natsBroker({ servers: [server.address], delivery: 'at-least-once' }, { acknowledgeWithin: 1000 })
    closeAfterwards(() => dying.close())
    await dying.start?.()
    await dying.subscribe('a', hanging(stuck), { queue: 'q' })
    for (let i = 0; i < 10; i++) await broker.publish('a', message(String(i)))
    await expect.poll(() => stuck?.length).toBe(10)
    await subscribe(broker, 'a', taken, 'q')
    await wait(1500)
    expect(taken).toEqual([])
    await dying.close()
    await expect.poll(() => taken?.sort(), { timeout: 5000 }).toEqual([...'0123456789'])
  })

  test('a queue without members, and a server that was killed, lose nothing', async () => {
    const { server, broker } = await pair()
    const [first, second]: string[][] = [[], []]
    const leave = await subscribe(broker, 'a', first, 'q')
    await broker.publish('a', message('1'))
    await expect.poll(() => first).toEqual(['1'])
    await leave()
    await broker.publish('a', message('2'))
    await server.kill()
    await expect.poll(() => broker.status().state).toBe('down')
    await expect(broker.publish('a', message('lost'))).rejects.toMatchObject({ code: 503 })
    await server.start()
    await expect.poll(() => broker.status().state, { timeout: 3000 }).toBe('ok')
    await broker.publish('a', message('3'))
    await subscribe(broker, 'a', second, 'q')
    await expect.poll(() => second).toEqual(['2', '3'])
    expect(first).toEqual(['1'])
  })

  test('R12: subscriptions are live again within 3 s after a restart, and get what came before them', async () => {
    const { server, broker } = await pair()
    const got: string[] = []
    await subscribe(broker, 'a', got)
    await server.kill()
    await expect.poll(() => broker.status().state).toBe('down')
    await server.start()
    const raw = await NatsClient.to(server.port)
    await raw.publish('a', '{"Header":{},"Body":"MQ=="}')
    await expect.poll(() => got, { timeout: 3000, interval: 10 }).toEqual(['1'])
  })

  test('a listener holds few at a time, and the rest waits at the server', async () => {
    const { broker } = await pair()
    const held: string[] = []
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    await broker.subscribe('a', ({ body }) => {
      held.push(body.toString())
      return gate
    })
    const bodies = Array.from({ length: 200 }, (_, i) => String(i))
    await Promise.all(bodies.map((body) => broker.publish('a', message(body))))
    await wait(300)
    expect(held.length).toBe(32)
    release()
    await expect.poll(() => held.length).toBe(200)
    expect(held.sort()).toEqual(bodies.sort())
  })

  test('what go-micro publishes is stored too, and what is no message is counted and not tried again', async () => {
    const { server, broker } = await pair()
    const drops: Drop[] = []
    broker.watchDrops?.((drop) => drops.push(drop))
    const got: string[] = []
    await subscribe(broker, 'a', got)
    const raw = await NatsClient.to(server.port)
    await raw.publish('a', 'nonsense')
    await raw.publish('a', '{"Header":{},"Body":"MQ=="}')
    await expect.poll(() => got).toEqual(['1'])
    expect(drops).toEqual([{ topic: 'a', reason: 'malformed' }])
  })

  test('what the server has no room for is refused', async () => {
    const { server, broker } = await pair()
    const raw = await NatsClient.to(server.port)
    const stream = {
      name: 'ORDERS',
      subjects: ['orders.>'],
      retention: 'limits',
      max_msgs: 2,
      discard: 'new',
      storage: 'file',
    }
    await raw.publish('$JS.API.STREAM.CREATE.ORDERS', JSON.stringify(stream))
    const got: string[] = []
    await expect.poll(() => broker.publish('orders.new', message('1')).then(() => 'accepted')).toBe('accepted')
    await subscribe(broker, 'orders.new', got)
    await broker.publish('orders.new', message('2'))
    await expect(broker.publish('orders.new', message('3'))).rejects.toMatchObject({
      code: 503,
      detail: expect.stringContaining('maximum messages exceeded'),
    })
    await expect.poll(() => got).toEqual(['2'])
  })

  test('a stream that somebody removes is made again', async () => {
    const { server, broker } = await pair()
    const got: string[] = []
    await subscribe(broker, 'a', got)
    await broker.publish('a', message('1'))
    await expect.poll(() => got).toEqual(['1'])
    const raw = await NatsClient.to(server.port)
    await raw.subscribe('_INBOX.test')
    await raw.publish('$JS.API.STREAM.NAMES', '{"subject":"a"}', '_INBOX.test')
    await expect.poll(() => raw.deliveries.length).toBe(1)
    const name = JSON.parse(raw.bodies[0] ?? '').streams[0]
    await raw.publish(`$JS.API.STREAM.DELETE.${name}`, '')
    await broker.publish('a', message('before anybody listens'))
    await expect
      .poll(
        async () => {
          await broker.publish('a', message('2'))
          return got.at(-1)
        },
        { timeout: 5000, interval: 100 },
      )
      .toBe('2')
  })
})

async function pair(): Promise<{ server: NatsServer; broker: Broker }> {
  const server = await NatsServer.startJetStream()
  closeAfterwards(() => server.remove())
  return { server, broker: await started(server) }
}

async function started(server: NatsServer): Promise<Broker> {
  const broker = natsBroker({ servers: [server.address], delivery: 'at-least-once' }, { acknowledgeWithin: 1000 })
  closeAfterwards(() => broker.close())
  await broker.start?.()
  return broker
}

function subscribe(broker: Broker, topic: string, into: string[] = [], queue?: string): Promise<Unsubscribe> {
  return broker.subscribe(topic, ({ body }) => void into.push(body.toString()), { queue })
}

/** Takes messages and never says what became of them. */
function hanging(into: string[] = []): Listener {
  return ({ body }) => {
    into.push(body.toString())
    return new Promise(() => undefined)
  }
}

function message(body: string): Message {
  return { header: headerOf({}), body: Buffer.from(body) }
}
