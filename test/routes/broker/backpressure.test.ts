import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { CheckedBroker } from '../../../src/broker/checked-broker.js'
import { memoryBroker, type Sidecar } from '../../../src/index.js'
import { BrokerRoute } from '../../../src/routes/broker/route.js'
import { type RawCaller, rawCaller } from '../../kit/raw.js'
import { closeAfterwards, startSidecar } from '../../kit/sidecar.js'
import { post, Subscriber, subscriber } from '../../kit/subscriber.js'

/** One that subscribes and then reads no more. */
async function stalledSubscriber(sidecar: Sidecar, query: string): Promise<RawCaller> {
  const raw = rawCaller(sidecar.url)
  raw.send(`GET /broker?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`)
  raw.send('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
  await raw.until(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/)
  raw.socket.pause()
  return raw
}

/** Of the close frame that stands behind all else. */
async function closeCode(raw: RawCaller): Promise<number> {
  raw.socket.resume()
  // The only text behind a message's end that is no frame's.
  await raw.until(/does not read what it gets$/)
  return raw.received.readUInt16BE(raw.received.lastIndexOf(0x88) + 2)
}

async function metric(sidecar: Sidecar, name: string): Promise<number> {
  const text = await (await sidecar.fetch('/metrics')).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}

const limits = { subscriberBuffer: '200kb' }

test('R10: a subscriber that does not read is closed with 1013 and counted; another gets everything', async () => {
  const sidecar = await startSidecar({ metrics: true, limits })
  const stalled = await stalledSubscriber(sidecar, 'topic=a')
  const healthy = await subscriber(sidecar, 'topic=a')
  for (let i = 0; i < 300; i++) await post(sidecar, 'a', Buffer.alloc(50_000, String(i)))
  await healthy.count(300)
  expect(healthy.bodies.map((body) => body.slice(0, 3))).toEqual(
    Array.from({ length: 300 }, (_, i) => String(i).repeat(3).slice(0, 3)),
  )
  expect(await metric(sidecar, 'micro_broker_dropped_total{reason="slow"}')).toBeGreaterThan(0)
  expect(await metric(sidecar, 'micro_subscribers{topic="a"}')).toBe(1)
  expect(await closeCode(stalled)).toBe(1013)
})

test('R10, R11: what a member of a queue does not read goes to the others, and nothing is lost but what it was handed', async () => {
  const sidecar = await startSidecar({ metrics: true, limits })
  const stalled = await stalledSubscriber(sidecar, 'topic=a&queue=q')
  const healthy = await subscriber(sidecar, 'topic=a&queue=q')
  const count = 400
  for (let i = 0; i < count; i++) await post(sidecar, 'a', Buffer.alloc(50_000))
  expect(await metric(sidecar, 'micro_subscribers{topic="a"}')).toBe(1)
  const handed = await metric(sidecar, 'micro_broker_messages_total{topic="a",direction="out"}')
  expect(handed).toBe(count)
  expect(await closeCode(stalled)).toBe(1013)
  const frames = (stalled.text.match(/"Body":"/g) ?? []).length
  await healthy.count(count - frames)
  expect(frames).toBeGreaterThan(0)
})

test('a message larger than the buffer reaches one who reads', async () => {
  const sidecar = await startSidecar({ limits: { subscriberBuffer: '10kb' } })
  const joined = await subscriber(sidecar, 'topic=a')
  for (let i = 0; i < 5; i++) {
    await post(sidecar, 'a', Buffer.alloc(1_000_000))
    await joined.next()
  }
})

test('R10: a burst of many publishers costs a reader nothing', async () => {
  const sidecar = await startSidecar({ limits })
  const joined = await subscriber(sidecar, 'topic=a')
  const bodies = Array.from({ length: 400 }, () => Buffer.alloc(50_000))
  const answers = await Promise.all(bodies.map((body) => post(sidecar, 'a', body)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  await joined.count(400)
})

test('R10: acknowledgements count too: a client that reads none is closed', async () => {
  const sidecar = await startSidecar({ limits: { subscriberBuffer: '10kb' } })
  const joined = await subscriber(sidecar, '', { protocols: ['micro.broker.v1'] })
  const closed = once(joined.socket, 'close')
  joined.socket.pause()
  const id = 'x'.repeat(128)
  for (let i = 0; i < 100_000; i++) joined.socket.send(`{"Publish":"a","Id":"${id}"}`)
  await vi.waitFor(() => expect(joined.socket.bufferedAmount).toBe(0), 10_000).catch(() => undefined)
  joined.socket.resume()
  expect((await closed)[0]).toBe(1013)
})

test('R26: one that answers no ping is cut after the read deadline, one that does is kept', async () => {
  const route = new BrokerRoute(new CheckedBroker(memoryBroker()), {
    ...{ body: 1000, frame: 1000, subscriberBuffer: 100_000, pingInterval: 30, readTimeout: 150 },
  })
  const server = createServer().listen(0, '127.0.0.1')
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => undefined)
    route.handle(request, socket, head)
  })
  await once(server, 'listening')
  closeAfterwards(() => {
    route.close()
    server.close()
  })
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/broker?topic=a`
  const good = new Subscriber(url, [], {})
  await once(good.socket, 'open')
  const mute = new Subscriber(url, [], { autoPong: false })
  expect(await mute.end()).toBe(1006)
  expect(good.closed).toBeUndefined()
  expect(route.isWatched).toBe(true)
})
