import type { Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { call, closeAll, front, handshake, rawNode, switching, switchingNode, until } from './upgrade-bench.js'

afterEach(closeAll)

const megabyte = Buffer.alloc(1_000_000)
const most = 200

it('R26: 200 MB at a caller that does not read grow nothing, and all of them arrive once it reads', async () => {
  let sent = 0
  const node = await switchingNode((socket) => push(socket, () => (sent += megabyte.length)))
  const { port } = await front(node)
  const caller = call(port)
  const first = await until(caller, '\r\n\r\n')
  caller.pause()
  expect(await growth(() => sent)).toBeLessThan(64)
  let got = first.length - switching.length
  caller.on('data', (chunk) => (got += chunk.length)).resume()
  await new Promise((resolve) => caller.once('close', resolve))
  expect(got).toBe(most * megabyte.length)
})

it('R26: 200 MB at a node that does not read grow nothing, and all of them arrive once it reads', async () => {
  let got = 0
  let peer: Socket | undefined
  const node = await switchingNode((socket) => {
    peer = socket
  })
  const { port, outcome } = await front(node)
  const caller = call(port)
  await until(caller, '\r\n\r\n')
  peer?.pause()
  let sent = 0
  push(caller, () => (sent += megabyte.length))
  expect(await growth(() => sent)).toBeLessThan(64)
  peer?.on('data', (chunk) => (got += chunk.length)).resume()
  expect((await outcome()).status).toBe(101)
  expect(got).toBe(most * megabyte.length)
})

it('R26: what a caller sends before the 101 is bounded', async () => {
  let node: Socket | undefined
  const { port, sockets } = await front(
    await rawNode((socket) => {
      node = socket.resume()
    }),
  )
  const caller = call(port)
  let sent = 0
  push(caller, () => (sent += megabyte.length))
  expect(await growth(() => sent)).toBeLessThan(64)
  expect(sockets[0]?.isPaused()).toBe(true)
  node?.destroy()
})

it('R8, R27: 10,000 callers and nodes that reset in every moment of a handshake end nothing but themselves', async () => {
  const ends = [
    (socket: Socket) => socket.resetAndDestroy(),
    (socket: Socket) => socket.destroy(),
    (socket: Socket) => socket.end(),
  ]
  let turn = 0
  const node = await rawNode((socket) => {
    const mine = turn++
    socket.once('data', () => {
      if (mine % 5 === 0) socket.resetAndDestroy()
      else socket.write(switching, () => (mine % 3 === 0 ? socket.resetAndDestroy() : undefined))
    })
  })
  const { port, outcome } = await front(node)
  const until = performance.now() + 3000
  let done = 0
  let ended = 0
  const one = async (index: number) => {
    const caller = call(port)
    const closed = new Promise((resolve) => caller.once('close', resolve))
    await new Promise((resolve) => caller.once('connect', resolve))
    for (let step = index % 7; step > 0; step--) await new Promise(setImmediate)
    ends[index % ends.length]?.(caller.resume())
    await closed
    done++
  }
  const worker = async (from: number) => {
    for (let index = from; index < 10_000 && performance.now() < until; index += 20) await one(index)
  }
  await Promise.all(Array.from({ length: 20 }, (_, from) => worker(from)))
  // Each of those that were asked at all ends; the front still serves.
  while (ended < done && (await Promise.race([outcome().then(() => true), later(500)]))) ended++
  expect(done).toBeGreaterThan(100)
  const caller = call(port, handshake)
  expect(
    await Promise.race([
      new Promise((resolve) => caller.once('data', () => resolve('alive')).once('close', () => resolve('alive'))),
      later(1000),
    ]),
  ).toBe('alive')
}, 30_000)

function push(socket: Socket, count: () => number): void {
  let left = most
  const more = (): void => {
    while (left > 0) {
      left--
      count()
      if (!socket.write(megabyte)) {
        socket.once('drain', more)
        return
      }
    }
    socket.end()
  }
  more()
}

/** Megabytes that the process grew by until no more was taken for a while. */
async function growth(sent: () => number): Promise<number> {
  const before = process.memoryUsage.rss()
  for (let last = -1; last !== sent(); ) {
    last = sent()
    await later(200)
  }
  return (process.memoryUsage.rss() - before) / 1_000_000
}

function later(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false))
}
