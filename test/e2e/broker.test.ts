import { readFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { endAll, listening } from './support/command.js'

afterEach(endAll)

const megabyte = 1024 * 1024

test.each([
  [1, 64],
  [16, 64],
  // What these many have on their way themselves is some of it.
  [64, 96],
])(
  'R10: 200 MB past a stalled subscriber, %d publishers at once: it is cut with 1013, the other gets all',
  async (publishers, megabytes) => {
    const { url, child } = await listening(['--address=127.0.0.1:0', '--registry=memory', '--log-level=silent'])
    const stalled = await stalledSubscriber(url)
    const healthy = await subscribe(url, 'topic=a')
    let received = 0
    healthy.on('message', (data: Buffer) => {
      if (data.length > 87_000) received++
    })
    const before = await memory(child.pid, 'VmRSS')
    await publishAll(url, 'a', { count: 3200, body: Buffer.alloc(65_536), publishers })
    await until(() => received === 3200 || healthy.readyState !== WebSocket.OPEN)
    expect(received).toBe(3200)
    expect((await memory(child.pid, 'VmHWM')) - before).toBeLessThan(megabytes * megabyte)
    expect(await closeCode(stalled)).toBe(1013)
  },
)

/** One that subscribes and then reads no more. */
async function stalledSubscriber(url: string) {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const head = 'Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
  socket.write(`GET /broker?topic=a HTTP/1.1\r\n${head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return socket
}

/** Of the close frame behind all that had been waiting. */
async function closeCode(socket: ReturnType<typeof connect>): Promise<number> {
  let last = Buffer.alloc(0)
  for await (const chunk of socket) {
    last = Buffer.concat([last, chunk]).subarray(-200)
    const close = last.lastIndexOf(0x88)
    if (close >= 0 && last.length === close + 2 + (last[close + 1] ?? 0)) return last.readUInt16BE(close + 2)
  }
  throw new Error('no close frame')
}

function subscribe(url: string, query: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/broker?${query}`, { perMessageDeflate: false })
  return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject))
}

async function publishAll(
  url: string,
  topic: string,
  { count, body, publishers }: { count: number; body: Buffer; publishers: number },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: publishers })
  let left = count
  const publisher = async () => {
    while (left-- > 0) await publish(`${url}/broker?topic=${topic}`, body, agent)
  }
  await Promise.all(Array.from({ length: publishers }, publisher))
  agent.destroy()
}

function publish(url: string, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent }, (answer: IncomingMessage) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`))))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function memory(pid: number | undefined, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024
}

async function until(check: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !check() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
