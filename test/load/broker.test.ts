import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { endAll, listening } from '../e2e/support/command.js'
import { publishAll, publishOnSockets } from './support/publishers.js'
import { report } from './support/report.js'
import { residentOf } from './support/service.js'

const members = new Set<ChildProcess>()

afterEach(async () => {
  for (const member of members) member.kill('SIGKILL')
  members.clear()
  await endAll()
})

const flags = ['--address=127.0.0.1:0', '--registry=memory', '--log-level=error']

test.each([
  [1, 64],
  [16, 64],
  // What so many have on their way themselves is a part of it.
  [64, 96],
])(
  'R10: 200 MB past a stalled subscriber, %d publishers at once: it is cut with 1013, the other gets all',
  async (publishers, megabytes) => {
    const { url, child } = await listening(flags)
    const stalled = await stalledSubscriber(url)
    const healthy = await subscriber(url)
    let received = 0
    healthy.on('message', (data: Buffer) => {
      if (data.length > 87_000) received++
    })
    const before = await residentOf(child.pid)
    await publishAll({ url, topic: 'a', count: 3200, publishers, body: () => Buffer.alloc(65_536) })
    await until(() => received === 3200 || healthy.readyState !== WebSocket.OPEN)
    const grown = (await peakOf(child.pid)) - before
    report('R10', { publishers, received, grown })
    expect(received).toBe(3200)
    expect(grown).toBeLessThan(megabytes)
    expect(await closeCode(stalled)).toBe(1013)
    healthy.terminate()
  },
)

const total = 100_000

test('R11: 100,000 messages over two members of a queue: each once', async () => {
  const { url } = await listening(flags)
  const [one, two] = [await member(url), await member(url)]
  await publishOnSockets({ url, topic: 'a', count: total, publishers: 4, body: String })
  await until(() => one.got.length + two.got.length >= total)
  const all = [...one.got, ...two.got]
  report('R11', { one: one.got.length, two: two.got.length })
  expect(all).toHaveLength(total)
  expect(new Set(all).size).toBe(total)
})

test('R11: a member killed half-way loses only what it was handed', async () => {
  const { url } = await listening(flags)
  const [killed, stays] = [await member(url), await member(url)]
  await publishOnSockets({
    ...{ url, topic: 'a', count: total, publishers: 4, body: String },
    before: (index) => index === total / 2 && killed.child.kill('SIGKILL'),
  })
  await quiet(stays.got)
  const all = [...killed.got, ...stays.got]
  const lost = total - new Set(all).size
  report('R11', { killed: killed.got.length, stays: stays.got.length, lost })
  expect(new Set(all).size).toBe(all.length)
  // What was in buffers on its way to it: the rest of them has everything.
  const late = Array.from({ length: total / 4 }, (_, i) => String(total - 1 - i))
  const seen = new Set(stays.got)
  expect(late.filter((body) => !seen.has(body))).toEqual([])
  expect(lost).toBeLessThan(10_000)
})

/** Waits until nothing more comes. */
async function quiet(got: readonly string[]): Promise<void> {
  for (let before = -1; before !== got.length; ) {
    before = got.length
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

/** A member of a queue, in a process of its own. */
async function member(url: string): Promise<{ readonly child: ChildProcess; readonly got: string[] }> {
  const program = fileURLToPath(new URL('./support/member.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, `${url.replace('http', 'ws')}/broker?topic=a&queue=q`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  members.add(child)
  const got: string[] = []
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  lines.on('line', (line) => got.push(line))
  return { child, got }
}

/** One that subscribes and then reads no more. */
async function stalledSubscriber(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const head = 'Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
  socket.write(`GET /broker?topic=a HTTP/1.1\r\n${head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
  await once(socket, 'data')
  socket.pause()
  return socket
}

/** Of the close frame behind all that had been waiting. */
async function closeCode(socket: Socket): Promise<number> {
  let last = Buffer.alloc(0)
  for await (const chunk of socket) {
    last = Buffer.concat([last, chunk]).subarray(-200)
    const close = last.lastIndexOf(0x88)
    if (close >= 0 && last.length === close + 2 + (last[close + 1] ?? 0)) return last.readUInt16BE(close + 2)
  }
  throw new Error('no close frame')
}

async function subscriber(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/broker?topic=a`, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

/** Megabytes that a process has held at most. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
}

async function until(check: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !check() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
