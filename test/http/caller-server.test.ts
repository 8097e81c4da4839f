import type { Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { rawCaller, rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const slow = 'GET /app/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
const handshake = [
  ...['Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
].join('\r\n')

/** A sidecar before a node that answers `/app/slow` when it is told to, refuses upgrades and takes all else. */
async function setUp(handler: 'proxy' | 'rpc' = 'proxy') {
  let asked: (socket: Socket) => void = () => {}
  const slowOne = new Promise<Socket>((resolve) => {
    asked = resolve
  })
  const node = await rawNode((socket) => {
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      if (text.includes(' /app/slow ')) asked(socket)
      else if (/\r\nUpgrade: /.test(text)) socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquick')
    })
  })
  const sidecar = await startSidecar({ handler })
  await register(sidecar, 'go.micro.srv.app', node.port)
  return { sidecar, caller: rawCaller(sidecar.url), slowOne }
}

function statuses(text: string): string[] {
  return (text.match(/HTTP\/1\.1 \d{3}/g) ?? []).map((line) => line.slice(9))
}

describe('what comes behind a request that has no answer yet is answered behind it', () => {
  const followers: readonly (readonly [string, string, string])[] = [
    ['an upgrade', `GET /app/ws HTTP/1.1\r\n${handshake}\r\n\r\n`, '403'],
    ['an upgrade of a fixed path', `GET /registry HTTP/1.1\r\n${handshake}\r\n\r\n`, '101'],
    ['an ambiguous upgrade', `GET /app/ws HTTP/1.1\r\nHost: b\r\n${handshake}\r\n\r\n`, '400'],
    ['h2c', 'GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', '200'],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', '405'],
    ['no HTTP at all', '\0\x01\r\n\r\n', '400'],
    ['a header beyond the limit', `GET /app/x HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`, '431'],
  ]

  test.each(followers)('R19, R27: %s', async (_name, follower, status) => {
    const { caller, slowOne } = await setUp()
    caller.send(slow + follower)
    const node = await slowOne
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(caller.text).toBe('')
    node.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow')
    const text = await caller.until(new RegExp(`slow[\\s\\S]*HTTP/1.1 ${status}[\\s\\S]*\r\n\r\n`))
    expect(statuses(text)).toEqual(['200', status])
  })

  test('an answer larger than what the caller takes at once still comes whole before an upgrade', async () => {
    const { caller, slowOne } = await setUp()
    caller.socket.pause()
    caller.send(`${slow}GET /registry HTTP/1.1\r\n${handshake}\r\n\r\n`)
    const node = await slowOne
    const size = 4 * 1024 * 1024
    node.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
    node.write(Buffer.alloc(size, 'x'))
    caller.socket.resume()
    const text = await caller.until(/HTTP\/1\.1 101 /)
    expect(text.indexOf('HTTP/1.1 101')).toBe(text.indexOf('\r\n\r\n') + 4 + size)
  })

  test('R8: a caller that leaves takes along what waits behind its first request', async () => {
    const { sidecar, caller } = await setUp()
    const gone: Promise<void>[] = []
    const node = await rawNode((socket) => {
      gone.push(new Promise((resolve) => socket.once('end', () => resolve())))
    })
    await register(sidecar, 'go.micro.srv.mute', node.port)
    caller.send('GET /mute/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /mute/2 HTTP/1.1\r\nHost: a\r\n\r\n')
    await expect.poll(() => node.seen()).toMatch(/\/mute\/2/)
    caller.socket.resetAndDestroy()
    await Promise.all(gone)
    expect(await sidecar.stop()).toBe(0)
  })
})

test('an upgrade of a fixed path in absolute form is one of that path', async () => {
  const { caller } = await setUp()
  caller.send(`GET http://127.0.0.1/registry HTTP/1.1\r\n${handshake}\r\n\r\n`)
  expect(await caller.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 /)
})

test.each(['/registry', '/app/ws'])('S2: header lines of an upgrade of %s are counted', async (path) => {
  const { caller } = await setUp()
  caller.send(`GET ${path} HTTP/1.1\r\n${'X: y\r\n'.repeat(1001)}${handshake}\r\n\r\n`)
  expect(await caller.end()).toMatch(/^HTTP\/1\.1 431 /)
})

test('S20: a node that is the sidecar itself: 508', async () => {
  const sidecar = await startSidecar({ handler: 'proxy' })
  await register(sidecar, 'go.micro.srv.self', Number(new URL(sidecar.url).port))
  const answer = await fetch(`${sidecar.url}/self/x`)
  expect(answer.status).toBe(508)
  expect(await answer.json()).toMatchObject({ code: 508, status: 'Loop Detected' })
  const caller = rawCaller(sidecar.url).send(`GET /self/x HTTP/1.1\r\n${handshake}\r\n\r\n`)
  expect(await caller.end()).toMatch(/^HTTP\/1\.1 508 /)
})

test('declined upgrades leave nothing behind on a kept connection', async () => {
  const warned = vi.fn()
  process.on('warning', warned)
  const { caller } = await setUp()
  for (let count = 1; count <= 15; count++) {
    caller.send('GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    await caller.until(new RegExp(`(?:quick[\\s\\S]*){${count}}`))
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warned)
  expect(warned).not.toHaveBeenCalled()
})
