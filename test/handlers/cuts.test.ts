import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { RawCaller, rawCaller, rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const answers = {
  length: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nhello, world',
  chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n',
  informed: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world',
}
const requests = {
  length: 'POST /app/x HTTP/1.1\r\nHost: a\r\nX-Fill: 1\r\nContent-Length: 12\r\n\r\nhello, world',
  chunked:
    'POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n',
  upgrade:
    'GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
}
const ends = {
  FIN: (socket: Socket) => socket.end(),
  RST: (socket: Socket) => socket.resetAndDestroy(),
}
const many = 40

/** Runs `one` for every k below `count`, a few at a time. */
async function forEveryByte(count: number, one: (k: number) => Promise<void>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, k) => k).values()
  await Promise.all(
    Array.from({ length: many }, async () => {
      for (const k of numbers) await one(k)
    }),
  )
}

/** Splits what a caller received into head and body as a client would, and says whether it is whole. */
function read(text: string): { status: number; body: string; whole: boolean } {
  const last = text.replace(/^HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n/, '')
  const end = last.indexOf('\r\n\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(last)?.[1] ?? 0)
  if (end < 0) return { status, body: '', whole: false }
  const head = last.slice(0, end)
  const rest = last.slice(end + 4)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) return { status, body: rest, whole: rest.length === Number(length) }
  return { status, ...unchunked(rest) }
}

function unchunked(rest: string): { body: string; whole: boolean } {
  let body = ''
  let at = 0
  for (;;) {
    const line = /^([\da-f]+)\r\n/.exec(rest.slice(at))
    if (line === null) return { body, whole: false }
    const size = Number.parseInt(line[1] ?? '', 16)
    at += line[0].length
    if (size === 0) return { body, whole: rest.slice(at) === '\r\n' }
    body += rest.slice(at, at + size)
    at += size + 2
  }
}

describe.each(Object.entries(ends))('R21: cut by %s', (_end, cut) => {
  test.each(Object.entries(answers))(
    'at every byte of a %s answer: whole, a 502, or visibly cut',
    async (_name, answer) => {
      let at = 0
      const node = await rawNode((socket) => {
        socket.on('data', (chunk) => {
          const k = Number(/x-cut: (\d+)/i.exec(chunk.toString('latin1'))?.[1] ?? 0)
          if (k === 0) cut(socket)
          else socket.write(answer.slice(0, k), 'latin1', () => cut(socket))
        })
      })
      const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', client: { breaker: false, retries: 0 } })
      await register(sidecar, 'ns.app', node.port)
      const port = Number(new URL(sidecar.url).port)
      await forEveryByte(answer.length + 1, async (k) => {
        at++
        const caller = new RawCaller(port)
        caller.send(`GET /app/x HTTP/1.1\r\nHost: a\r\nX-Cut: ${k}\r\nConnection: close\r\n\r\n`)
        const { status, body, whole } = read(await caller.end(1500))
        if (status === 502) expect(body).toContain('"id":"go.micro.client"')
        else if (whole) expect([k, body]).toEqual([answer.length, 'hello, world'])
        else expect('hello, world'.startsWith(body)).toBe(true)
      })
      expect(at).toBe(answer.length + 1)
      expect((await sidecar.fetch('/livez')).status).toBe(200)
    },
  )

  test.each(Object.entries(requests))(
    'at every byte of a %s request: no node sees a whole one, nothing stays open',
    async (_name, request) => {
      const node = await rawNode((socket) => {
        socket.on('end', () => socket.end())
      })
      const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
      await register(sidecar, 'ns.app', node.port)
      const port = Number(new URL(sidecar.url).port)
      await forEveryByte(request.length, async (k) => {
        const caller = new RawCaller(port)
        if (k > 0)
          await new Promise<void>((resolve) =>
            caller.socket.write(Buffer.from(request.slice(0, k), 'latin1'), () => resolve()),
          )
        cut(caller.socket)
        await caller.end(1500)
      })
      await openSockets(node.sockets, 0)
      expect(node.seen()).not.toContain('hello, world')
      expect(node.seen()).not.toContain('0\r\n\r\n')
      expect((await sidecar.fetch('/livez')).status).toBe(200)
    },
  )
})

/** Waits until that many connections at the node have not been ended by the other side. */
async function openSockets(sockets: readonly Socket[], count: number): Promise<void> {
  const deadline = performance.now() + 3000
  const open = () => sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length
  while (open() > count && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(open()).toBe(count)
}

test('R27: a caller that takes nothing of its answer is cut, and its node with it', async () => {
  let ended: () => void = () => {}
  const nodeEnded = new Promise<void>((resolve) => {
    ended = resolve
  })
  const node = await rawNode((socket) => {
    socket.on('close', ended)
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${32 * 1024 * 1024}\r\n\r\n`)
      socket.write(Buffer.alloc(32 * 1024 * 1024))
    })
  })
  const sidecar = await startSidecar({ handler: 'proxy', client: { idleTimeout: 300 } })
  await register(sidecar, 'go.micro.srv.app', node.port)
  const caller = rawCaller(sidecar.url)
  caller.socket.pause()
  caller.send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
  await nodeEnded
})
