import { once as onceOf } from 'node:events'
import { io, type Socket } from 'socket.io-client'
import { describe, expect, test, vi } from 'vitest'
import { memoryBroker, type Sidecar } from '../../../src/index.js'
import { rawCaller } from '../../kit/raw.js'
import { closeAfterwards, startSidecar } from '../../kit/sidecar.js'
import { post, subscriber } from '../../kit/subscriber.js'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The arguments of the next such event. */
function once(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...args) => resolve(args)))
}

interface Joined {
  readonly socket: Socket
  readonly messages: unknown[][]
  ask(event: string, ...args: unknown[]): Promise<unknown>
  count(messages: number): Promise<void>
}

function joining(sidecar: Sidecar, options: object): Socket {
  const socket = io(`${sidecar.url}/broker`, {
    path: '/broker/socket.io',
    reconnection: false,
    forceNew: true,
    ...options,
  })
  closeAfterwards(() => socket.disconnect())
  return socket
}

async function join(sidecar: Sidecar, options: object = {}): Promise<Joined> {
  const socket = joining(sidecar, options)
  const messages: unknown[][] = []
  socket.on('message', (...args) => messages.push(args))
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve)
    socket.on('connect_error', reject)
  })
  return {
    socket,
    messages,
    ask: (event, ...args) => socket.timeout(5000).emitWithAck(event, ...args),
    count: (count) => vi.waitFor(() => expect(messages).toHaveLength(count), 5000),
  }
}

async function refusal(sidecar: Sidecar, options: object = {}): Promise<unknown> {
  const socket = joining(sidecar, options)
  const [error] = await once(socket, 'connect_error')
  return Object(error).context?.status
}

describe.each([['websocket'], ['polling'], ['polling', 'websocket']])('socket.io by %s %s', (...transports) => {
  const by = { transports: transports.filter((one) => one !== undefined) }

  test('subscribes to several topics; messages come with the topic, in the form of everywhere', async () => {
    const sidecar = await startSidecar()
    const joined = await join(sidecar, by)
    expect(await joined.ask('subscribe', 'a')).toEqual({ ok: true })
    expect(await joined.ask('subscribe', 'b')).toEqual({ ok: true })
    await post(sidecar, 'a', 'grüße', { 'x-mine': '"' })
    await post(sidecar, 'b', Buffer.alloc(100_000, 'y'))
    await post(sidecar, 'c', 'no')
    await joined.count(2)
    expect(joined.messages[0]).toEqual([
      'a',
      { Header: expect.objectContaining({ 'x-mine': '"' }), Body: base64('grüße') },
    ])
    expect(joined.messages[1]).toMatchObject(['b', { Body: base64('y'.repeat(100_000)) }])
    expect(await joined.ask('unsubscribe', 'a')).toEqual({ ok: true })
    await post(sidecar, 'a', 'no more')
    await post(sidecar, 'b', 'last')
    await joined.count(3)
    expect(joined.messages[2]).toMatchObject(['b', { Body: base64('last') }])
  })

  test('publishes, with a body in base64 or in bytes', async () => {
    const sidecar = await startSidecar()
    const seen = await subscriber(sidecar, 'topic=a')
    const joined = await join(sidecar, by)
    expect(await joined.ask('publish', 'a', { Header: { Timestamp: '1' }, Body: base64('x') })).toEqual({ ok: true })
    expect(await seen.next()).toEqual({ Header: { Timestamp: '1' }, Body: base64('x') })
    expect(await joined.ask('publish', 'a', { Body: Buffer.from([0, 255]) })).toEqual({ ok: true })
    expect(await seen.next()).toEqual({ Header: {}, Body: 'AP8=' })
  })

  test('order is kept under load', async () => {
    const sidecar = await startSidecar()
    const joined = await join(sidecar, by)
    await joined.ask('subscribe', 'a')
    const bodies = Array.from({ length: 300 }, (_, i) => String(i))
    for (const body of bodies) await post(sidecar, 'a', body)
    await joined.count(300)
    const got = joined.messages.map(([, message]) => Buffer.from(Object(message).Body, 'base64').toString())
    expect(got).toEqual(bodies)
  })
})

test('R11: members of a queue share, whatever they came by', async () => {
  const sidecar = await startSidecar()
  const joined = await join(sidecar)
  await joined.ask('subscribe', 'a', 'q')
  const other = await subscriber(sidecar, 'topic=a&queue=q')
  for (let i = 0; i < 10; i++) await post(sidecar, 'a', String(i))
  await joined.count(5)
  await other.count(5)
})

test.each<[string, unknown[], number, string]>([
  ['subscribe', [], 400, 'the topic must be a text'],
  ['subscribe', [{ toString: 'x' }], 400, 'the topic must be a text'],
  ['subscribe', [''], 400, 'Topic not specified'],
  ['subscribe', ['a b'], 400, 'the topic "a b" holds white space or control characters'],
  ['subscribe', ['a', 5], 400, 'Queue must be a text'],
  ['unsubscribe', ['a'], 404, 'there is no such subscription here'],
  ['publish', ['a'], 400, 'the message must be an object'],
  ['publish', ['a', { Body: 'x' }], 400, 'Body must be base64'],
  ['publish', ['a', { Header: 1 }], 400, 'Header must be an object'],
])('S5: %s %j is an error', async (event, args, code, detail) => {
  const joined = await join(await startSidecar())
  expect(await joined.ask(event, ...args)).toEqual({ error: expect.objectContaining({ code, detail }) })
  const failure = once(joined.socket, 'failure')
  joined.socket.emit(event, ...args)
  expect(await failure).toMatchObject([{ code, detail }])
})

test('a message that was not accepted is an error, never ok', async () => {
  const broker = memoryBroker()
  const sidecar = await startSidecar({ broker })
  const joined = await join(sidecar)
  vi.spyOn(broker, 'publish').mockRejectedValue(new Error('no server'))
  expect(await joined.ask('publish', 'a', { Body: '' })).toMatchObject({ error: { code: 503 } })
})

test('a client that asks for too much at once is told so', async () => {
  const broker = memoryBroker()
  const sidecar = await startSidecar({ broker })
  const joined = await join(sidecar)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  vi.spyOn(broker, 'publish').mockReturnValue(held)
  const asked = Array.from({ length: 300 }, () => joined.ask('publish', 'a', { Body: '' }))
  const first = await Promise.race(asked)
  expect(first).toMatchObject({ error: { code: 429 } })
  release()
  expect((await Promise.all(asked)).filter((answer) => Object(answer).ok)).toHaveLength(256)
})

test('S8, S10: the admin token, the origin and the host rule stand in front of it', async () => {
  const sidecar = await startSidecar({ auth: { token: 'secret' } })
  for (const transports of [['polling'], ['websocket']]) {
    const extraHeaders = { Authorization: 'Bearer secret' }
    expect(await refusal(sidecar, { transports })).not.toBe(200)
    await join(sidecar, { transports, extraHeaders })
  }
  expect(await refusal(sidecar, { transports: ['polling'] })).toBe(401)
  const wrong = { transports: ['polling'], extraHeaders: { Authorization: 'Bearer x' } }
  expect(await refusal(sidecar, wrong)).toBe(403)
  const open = await startSidecar()
  for (const headers of ['Origin: http://evil.example', 'Host: rebound.example']) {
    const raw = rawCaller(open.url)
    const host = headers.startsWith('Host') ? '' : 'Host: 127.0.0.1\r\n'
    raw.send(`GET /broker/socket.io/?EIO=4&transport=polling HTTP/1.1\r\n${host}${headers}\r\n\r\n`)
    await raw.until(/^HTTP\/1\.1 4(?:03|21) /)
  }
})

test('S3: a packet over limits.frame ends the client, by either transport, and nobody else', async () => {
  const sidecar = await startSidecar()
  const well = await join(sidecar)
  await well.ask('subscribe', 'a')
  for (const transports of [['polling'], ['websocket']]) {
    const joined = await join(sidecar, { transports })
    const gone = once(joined.socket, 'disconnect')
    joined.socket.emit('publish', 'a', { Body: 'A'.repeat(20_000) })
    await gone
  }
  await post(sidecar, 'a', 'x')
  await well.count(1)
})

test('R4: the end of the sidecar ends its clients, and those on a WebSocket are told', async () => {
  const sidecar = await startSidecar()
  const [told, other] = [
    await join(sidecar, { transports: ['websocket'] }),
    await join(sidecar, { transports: ['polling'] }),
  ]
  const close = once(told.socket, 'close')
  const gone = [told, other].map(({ socket }) => once(socket, 'disconnect'))
  expect(await sidecar.stop()).toBe(0)
  expect(await close).toEqual([{ code: 1001, reason: 'the sidecar stops' }])
  await Promise.all(gone)
})

test('R10: one that does not read is told 1013 and ended, and costs no more than its limit', async () => {
  const sidecar = await startSidecar({ metrics: true, limits: { subscriberBuffer: '200kb' } })
  const stalled = await join(sidecar, { transports: ['websocket'] })
  await stalled.ask('subscribe', 'a')
  const healthy = await join(sidecar, { transports: ['websocket'] })
  await healthy.ask('subscribe', 'a')
  const told = once(stalled.socket, 'close')
  const { ws } = Object(stalled.socket.io.engine.transport)
  ws.pause()
  for (let i = 0; i < 300; i++) await post(sidecar, 'a', Buffer.alloc(50_000))
  await healthy.count(300)
  const text = await (await sidecar.fetch('/metrics')).text()
  expect(text).toMatch(/micro_broker_dropped_total\{reason="slow"\} [1-9]/)
  expect(text).toContain('micro_subscribers{topic="a"} 1\n')
  ws.resume()
  expect(await told).toMatchObject([{ code: 1013 }])
})

test.each([
  ['GET', '/broker/socket.io', 404],
  ['GET', '/broker/socket.io/more', 404],
  ['GET', '/broker/socket.io/', 400],
  ['GET', '/broker/socket.io/?EIO=4&transport=polling&sid=__proto__', 400],
  ['GET', '/broker/socket.io/?EIO=3&transport=polling', 400],
  ['DELETE', '/broker/socket.io/?EIO=4&transport=polling', 400],
])('S5: %s %s is %d', async (method, path, status) => {
  const sidecar = await startSidecar()
  expect((await sidecar.fetch(path, { method })).status).toBe(status)
})

test('R27: packets that are none end their client only', async () => {
  const sidecar = await startSidecar()
  const well = await join(sidecar)
  for (const packet of [
    'x',
    '4',
    '42',
    '42/broker,',
    '42/broker,["subscribe"',
    '451-["publish",{"_placeholder":true}]',
    '40/none,',
  ]) {
    const raw = await import('ws').then(({ WebSocket }) => {
      return new WebSocket(`${sidecar.url.replace('http', 'ws')}/broker/socket.io/?EIO=4&transport=websocket`)
    })
    raw.on('error', () => undefined)
    await onceOf(raw, 'open')
    raw.send('40/broker,')
    raw.send(packet)
    raw.send(packet)
    await Promise.race([onceOf(raw, 'close'), new Promise((resolve) => setTimeout(resolve, 30))])
    raw.terminate()
  }
  expect(await well.ask('subscribe', 'a')).toEqual({ ok: true })
})
