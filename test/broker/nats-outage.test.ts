import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Broker, Message } from '../../src/broker/broker.js'
import { natsBroker } from '../../src/broker/nats.js'
import { headerOf } from '../../src/testing/broker/bench.js'
import { NatsClient } from '../kit/nats-client.js'
import { closeAfterwards, listen } from '../kit/sidecar.js'
import { describeWithNats, NatsServer } from '../support/nats-server.js'

const unreachable = { code: 503, retryAfter: 1 }

describeWithNats('R12: NATS goes away', () => {
  test('killed: publishing is refused at once and never made up for; back: subscribed within 3 s', async () => {
    const server = await made()
    await server.start()
    const broker = await started(server.port)
    const got = await listenTo(broker, 'a')
    const shared = await listenTo(broker, 'a', 'q')
    await server.kill()
    await expect.poll(() => broker.status().state).toBe('down')
    const lost = Array.from({ length: 50 }, (_, i) => timed(broker.publish('a', message(`lost ${i}`))))
    for (const { elapsed, error } of await Promise.all(lost)) {
      expect(error).toMatchObject(unreachable)
      expect(elapsed).toBeLessThan(100)
    }
    const late = await listenTo(broker, 'a')
    const trying = setInterval(() => broker.publish('a', message('lost again')).catch(() => {}), 5)
    await wait(400)
    clearInterval(trying)
    await server.start()
    const raw = await NatsClient.to(server.port)
    await raw.subscribe('a')
    await expect.poll(() => broker.status().state, { timeout: 3000, interval: 10 }).toBe('ok')
    await raw.publish('a', '{"Header":{},"Body":"aGVyZQ=="}')
    for (const bodies of [got, shared, late]) await expect.poll(() => bodies).toEqual(['here'])
    await broker.publish('a', message('there'))
    for (const bodies of [got, shared, late]) await expect.poll(() => bodies).toEqual(['here', 'there'])
    expect(raw.bodies.length).toBe(2)
  })

  test('started before it: heals by itself, with what was subscribed meanwhile', async () => {
    const server = await made()
    const broker = await started(server.port)
    expect(broker.status()).toEqual({
      state: 'down',
      guarantee: 'at-most-once',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
    const got = await listenTo(broker, 'a')
    const gone = await broker.subscribe('a', () => expect.unreachable())
    await gone()
    await expect(broker.publish('a', message('x'))).rejects.toMatchObject(unreachable)
    await server.start()
    await expect.poll(() => broker.status(), { timeout: 3000 }).toEqual({ state: 'ok', guarantee: 'at-most-once' })
    await broker.publish('a', message('here'))
    await expect.poll(() => got).toEqual(['here'])
  })

  test('frozen: what is published is refused in 2 s, then at once; thawed: it is used again within 3 s', async () => {
    const server = await made()
    await server.start()
    const broker = await started(server.port)
    const got = await listenTo(broker, 'a')
    server.signal('SIGSTOP')
    await wait(50)
    const first = timed(broker.publish('a', message('in doubt')))
    await wait(50)
    const more = Array.from({ length: 20 }, () => timed(broker.publish('a', message('not sent'))))
    for (const { error, elapsed } of await Promise.all([first, ...more])) {
      expect(error).toMatchObject(unreachable)
      expect(elapsed).toBeLessThan(2500)
    }
    const { error, elapsed } = await timed(broker.publish('a', message('not sent')))
    expect(error).toMatchObject(unreachable)
    expect(elapsed).toBeLessThan(100)
    server.signal('SIGCONT')
    await expect.poll(() => broker.status().state, { timeout: 3000, interval: 10 }).toBe('ok')
    await broker.publish('a', message('here'))
    await expect.poll(() => got.at(-1)).toBe('here')
    expect(got).not.toContain('not sent')
  })

  test('closed while it is away, at any moment: nothing is left', async () => {
    const silent = await standIn(() => {})
    const server = await made()
    for (const port of [silent.port, server.port]) {
      for (const pause of [0, 5, 200]) {
        const broker = natsBroker({ servers: [`127.0.0.1:${port}`] })
        const starting = broker.start?.()
        await wait(pause)
        await broker.close()
        await starting
      }
    }
    await expect.poll(() => silent.open()).toBe(0)
  })
})

test('S21: what takes connections and is no NATS server is down, and holds no socket', async () => {
  const says = [
    '',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    'INFO nonsense\r\n',
    'INFO null\r\n',
    `INFO ${'x'.repeat(100_000)}`,
  ]
  for (const line of says) {
    const other = await standIn((socket) => socket.write(line))
    const broker = await started(other.port)
    expect(broker.status().state).toBe('down')
    await broker.close()
    await expect.poll(() => other.open()).toBe(0)
  }
})

test('S21: a server that breaks the protocol is left for a new connection', async () => {
  const got: string[] = []
  let isBroken = true
  const server = await standIn((socket) => {
    socket.write('INFO {"server_id":"x","version":"2.9.0","max_payload":1000,"proto":1,"headers":true}\r\n')
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n')) {
        if (line.startsWith('PING')) socket.write('PONG\r\n')
        else if (line.startsWith('SUB ') && isBroken) socket.write('MSG a\r\n\u0000\u0001 MSG\r\n')
        else if (line.startsWith('SUB ')) socket.write(`MSG a ${line.split(' ').at(-1)} 15\r\n{"Body":"YQ=="}\r\n`)
      }
    })
  })
  const broker = await started(server.port)
  await broker.subscribe('a', ({ body }) => void got.push(body.toString()))
  isBroken = false
  await expect.poll(() => got, { timeout: 5000 }).toEqual(['a'])
  expect(broker.status().state).toBe('ok')
})

async function made(): Promise<NatsServer> {
  const server = await NatsServer.make()
  closeAfterwards(() => server.remove())
  return server
}

async function started(port: number): Promise<Broker> {
  const broker = natsBroker({ servers: [`127.0.0.1:${port}`] })
  closeAfterwards(() => broker.close())
  await broker.start?.()
  return broker
}

async function listenTo(broker: Broker, topic: string, queue?: string): Promise<string[]> {
  const bodies: string[] = []
  await broker.subscribe(topic, ({ body }) => void bodies.push(body.toString()), { queue })
  return bodies
}

function message(body: string): Message {
  return { header: headerOf({}), body: Buffer.from(body) }
}

async function timed(work: Promise<void>): Promise<{ elapsed: number; error: unknown }> {
  const begun = performance.now()
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { elapsed: performance.now() - begun, error }
}

/** A server that does as it is told with each connection. */
async function standIn(serve: (socket: Socket) => void): Promise<{ port: number; open(): number }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    serve(socket)
  })
  closeAfterwards(() => {
    for (const socket of sockets) socket.destroy()
  })
  const port = await listen(server)
  return { port, open: () => sockets.size }
}
