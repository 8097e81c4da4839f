import http from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { TransportError } from '../../src/transport/transport.js'
import {
  call,
  closeAll,
  closed,
  front,
  handshake,
  listen,
  rawNode,
  switching,
  switchingNode,
  until,
  untilClosed,
} from './upgrade-bench.js'

afterEach(closeAll)

const later = <T>(what: Promise<T>, milliseconds: number): Promise<T | 'late'> =>
  Promise.race([what, new Promise<'late'>((resolve) => setTimeout(resolve, milliseconds, 'late'))])

describe('a WebSocket through the sidecar', () => {
  it('carries messages both ways and the close code of either side', async () => {
    const node = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => node.once('listening', resolve))
    node.on('connection', (socket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }))
      socket.on('close', (code) => codes.push(code))
    })
    const codes: number[] = []
    const { port, outcome } = await front((node.address() as { port: number }).port)
    const caller = new WebSocket(`ws://127.0.0.1:${port}/chat`, ['v1', 'v2'])
    await new Promise((resolve) => caller.once('open', resolve))
    expect(caller.protocol).toBe('v1')
    for (const message of ['a', 'b'.repeat(200_000), '']) {
      caller.send(message)
      const echoed = await new Promise((resolve) => caller.once('message', (data) => resolve(String(data))))
      expect(echoed).toBe(message)
    }
    caller.close(4001)
    expect(await outcome()).toEqual({ status: 101 })
    expect(codes).toEqual([4001])
    node.close()
  })
})

describe('the heads', () => {
  it('R19: sends path, spelling, order and repeated headers as they are given, and nothing else', async () => {
    const head = new Promise<string>((resolve) => {
      void switchingNode((_, text) => resolve(text)).then(async (node) => {
        const { port } = await front(node, {
          path: '//a//b?x=http://y//z&q=\xe9',
          headers: [
            'X-One',
            '1',
            'hOST',
            'shop',
            'x-two',
            'é',
            'X-Two',
            'b',
            '__proto__',
            'p',
            'Sec-WebSocket-Key',
            'k',
          ],
        })
        call(port)
      })
    })
    expect(await head).toBe(
      'GET //a//b?x=http://y//z&q=\xe9 HTTP/1.1\r\nX-One: 1\r\nhOST: shop\r\nx-two: é\r\nx-two: b\r\n__proto__: p\r\n' +
        'Sec-WebSocket-Key: k\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
  })

  it("S19: passes the node's 101 with its spelling, without its hop-by-hop headers, with the sidecar's own", async () => {
    const node = await switchingNode(
      () => undefined,
      'HTTP/1.1 101 Switching Protocols\r\nX-Node: \xe9\r\nset-cookie: a=1\r\nConnection: upgrade, X-Hop, keep-alive\r\n' +
        'upgrade: WebSocket\r\nSet-Cookie: b=2\r\nset-cookie: c=3\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n' +
        'Content-Length: 3\r\n__proto__: q\r\n\r\n',
    )
    const { port } = await front(node, { answerHeaders: ['x-request-id', '7'] })
    expect(await until(call(port), '\r\n\r\n')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nX-Node: \xe9\r\nset-cookie: a=1\r\nset-cookie: c=3\r\nSet-Cookie: b=2\r\n' +
        '__proto__: q\r\nx-request-id: 7\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
    )
  })

  it('carries any protocol and method, not only WebSocket and GET', async () => {
    const heads: string[] = []
    const node = await switchingNode((socket, head) => {
      heads.push(head)
      socket.write('hello')
    }, 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\n')
    const { port } = await front(node)
    const caller = call(
      port,
      'POST /x HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\nContent-Length: 0\r\n\r\n',
    )
    expect(await until(caller, 'hello')).toContain('Upgrade: chat/2')
    expect(heads[0]).toMatch(/^POST \/x HTTP\/1\.1\r\n/)
    expect(heads[0]).toContain('Upgrade: chat/2\r\n')
  })

  it('S22: sends under --throw-deprecation, which http-proxy alone does not survive', async () => {
    const node = await switchingNode(() => undefined)
    const { port } = await front(node)
    const before = process.throwDeprecation
    process.throwDeprecation = true
    try {
      expect(await until(call(port), '\r\n\r\n')).toBe(switching)
    } finally {
      process.throwDeprecation = before
    }
  })

  it('refuses an upgrade with a body, which the node could take for another request', async () => {
    const seen: Socket[] = []
    const { port, outcome } = await front(await rawNode((socket) => seen.push(socket)))
    const body = 'GET /admin HTTP/1.1\r\n\r\n'
    const caller = call(port, `${handshake.replace('\r\n\r\n', `\r\nContent-Length: ${body.length}\r\n\r\n`)}${body}`)
    expect(await untilClosed(caller)).toMatch(/^HTTP\/1\.1 400 [\s\S]*micro-error: bad_request/)
    expect(await outcome()).toMatchObject({ status: 400 })
    expect(seen).toEqual([])
  })

  it('refuses a header that cannot be sent, without a crash', async () => {
    const { port, outcome } = await front(await rawNode(() => undefined), { headers: ['Host', 'a', 'X', 'b\r\nc'] })
    expect(await untilClosed(call(port))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await outcome()).toMatchObject({ status: 400, error: { kind: 'request' } })
  })
})

describe('R26: bytes around the handshake', () => {
  it('loses none of the caller, sent with the request or before the 101', async () => {
    const got = new Promise<string>((resolve) => {
      void rawNode((socket) => {
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk
          if (text.endsWith('early')) socket.write(switching)
          if (text.includes('late')) resolve(text.slice(text.indexOf('\r\n\r\n') + 4))
          else if (text.includes('\r\n\r\n') && !text.includes('first')) setTimeout(() => socket.write(switching), 30)
        })
      }).then(async (node) => {
        const { port } = await front(node)
        const caller = call(port, `${handshake}first`)
        caller.once('connect', () => setTimeout(() => caller.write('early'), 10))
        await until(caller, '\r\n\r\n')
        caller.write('late')
      })
    })
    expect(await got).toBe('firstearlylate')
  })

  it('loses none of the node, sent in one packet with the 101', async () => {
    const node = await switchingNode((socket) => socket.end('behind'), `${switching}with`)
    const { port } = await front(node)
    const text = await untilClosed(call(port))
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('withbehind')
  })
})

describe('a node that does not switch', () => {
  it('R26: passes its refusal whole, and removes what is hop-by-hop', async () => {
    const body = 'x'.repeat(300_000)
    const node = await switchingNode(
      (socket) => socket.end(),
      `HTTP/1.1 403 Go Away\r\nContent-Type: text/plain\r\nX-Why: rules\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    )
    const { port, outcome } = await front(node, { answerHeaders: ['micro-attempts', '1'] })
    const text = await untilClosed(call(port))
    expect(text.slice(0, text.indexOf('\r\n\r\n'))).toBe(
      'HTTP/1.1 403 Go Away\r\nContent-Type: text/plain\r\nX-Why: rules\r\nmicro-attempts: 1\r\nConnection: close\r\n' +
        'Transfer-Encoding: chunked',
    )
    expect(unchunked(text.slice(text.indexOf('\r\n\r\n') + 4))).toBe(body)
    expect(await outcome()).toEqual({ status: 403 })
  })

  it('passes a refusal of HTTP/1.0 and a told length', async () => {
    const node = await switchingNode(
      () => undefined,
      'HTTP/1.0 426 Upgrade Required\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno',
    )
    const { port } = await front(node)
    expect(await untilClosed(call(port))).toBe(
      'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno',
    )
  })

  it.each([
    ['a told length', 'HTTP/1.1 403 No\r\nContent-Length: 1000\r\n\r\npart'],
    ['chunks', 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
    ['a broken chunk', 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npartZZ\r\n'],
  ])('R21: a refusal that dies in %s is visibly cut, with nothing glued on', async (_, answer) => {
    const node = await switchingNode((socket) => setTimeout(() => socket.destroy(), 30), answer)
    const { port, outcome } = await front(node)
    const text = await untilClosed(call(port))
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toMatch(/^(part|4\r\npart\r\n)?$/)
    expect(text).toMatch(/Content-Length: 1000|Transfer-Encoding: chunked/)
    expect(await outcome()).toMatchObject({ status: 403, error: { kind: 'reset' } })
  })

  it('closes an answer to a caller of HTTP/1.0 with its connection', async () => {
    const node = await switchingNode((socket) => socket.end(), 'HTTP/1.1 403 No\r\n\r\nno')
    const { port } = await front(node)
    const text = await untilClosed(call(port, handshake.replace('HTTP/1.1', 'HTTP/1.0')))
    expect(text).toBe('HTTP/1.1 403 No\r\nConnection: close\r\n\r\nno')
  })

  it.each(['204 No Content', '304 Not Modified'])('passes %s without a body', async (line) => {
    const node = await switchingNode(() => undefined, `HTTP/1.1 ${line}\r\n\r\n`)
    const { port } = await front(node)
    expect(await untilClosed(call(port))).toBe(`HTTP/1.1 ${line}\r\nConnection: close\r\n\r\n`)
  })

  it('cuts a refusal that stops in the middle once idleTimeout is over', async () => {
    const node = await switchingNode(() => undefined, 'HTTP/1.1 403 No\r\nContent-Length: 1000\r\n\r\npart')
    const { port, outcome } = await front(node, { idleTimeout: 50 })
    await untilClosed(call(port))
    expect(await outcome()).toMatchObject({ status: 403, error: { kind: 'timeout' } })
  })
})

describe('a node that fails', () => {
  const json = (text: string) => JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))

  it('refuses the connection: 502 connect', async () => {
    const unused = await rawNode(() => undefined)
    closeAll()
    const { port, outcome } = await front(unused)
    const text = await untilClosed(call(port))
    expect(text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*micro-error: connect\r\n[\s\S]*Connection: close/)
    expect(json(text)).toMatchObject({ id: 'go.micro.client', code: 502, status: 'Bad Gateway' })
    expect(json(text).detail).toContain(`127.0.0.1:${unused}`)
    expect(await outcome()).toMatchObject({ status: 502, error: { kind: 'connect', sent: false } })
  })

  it('does not connect in time, name look-up included: 504', async () => {
    const request = http.request
    vi.spyOn(http, 'request').mockImplementation((options) => request({ ...Object(options), lookup: () => undefined }))
    const { port, outcome } = await front(9, { target: { address: 'never.invalid', port: 9 }, connectTimeout: 50 })
    const text = await untilClosed(call(port))
    vi.restoreAllMocks()
    expect(text).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\n[\s\S]*micro-error: timeout/)
    expect(await outcome()).toMatchObject({ status: 504, error: { kind: 'timeout', sent: false } })
  })

  it('never answers the handshake: 504', async () => {
    const nodes: Socket[] = []
    const { port, outcome } = await front(await rawNode((socket) => nodes.push(socket.resume())), { headTimeout: 60 })
    const text = await untilClosed(call(port))
    expect(text).toMatch(/^HTTP\/1\.1 504 Gateway Timeout\r\n[\s\S]*micro-error: timeout/)
    expect(await outcome()).toMatchObject({ status: 504, error: { kind: 'timeout', sent: true } })
    for (const socket of nodes) await closed(socket)
  })

  it.each<[string, string, string]>([
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
    ['a 101 that switches to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'protocol'],
    ['two framings', 'HTTP/1.1 403 No\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'protocol'],
    ['endless headers', `HTTP/1.1 101 Switching Protocols\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 'protocol'],
    ['half a head', 'HTTP/1.1 101 Switch', 'reset'],
  ])('S21: answers %j: 502', async (_, answer, kind) => {
    const { port, outcome } = await front(
      await switchingNode((socket) => setTimeout(() => socket.destroy(), 50), answer),
    )
    expect(await untilClosed(call(port))).toMatch(
      new RegExp(`^HTTP/1\\.1 502 Bad Gateway\\r\\n[\\s\\S]*micro-error: ${kind}`),
    )
    expect(await outcome()).toMatchObject({ status: 502, error: { kind, sent: true } })
  })

  it('lets another node take over, with every byte of the caller', async () => {
    const dead = await rawNode(() => undefined)
    closeAll()
    const node = await switchingNode((socket) => socket.pipe(socket))
    const failures: TransportError[] = []
    const { forwardUpgrade } = await import('../../src/transport/upgrade.js')
    const { port, outcome, sockets } = await front(dead, (request) => ({
      onFailure(error: TransportError) {
        failures.push(error)
        const socket = sockets.at(-1)
        if (socket === undefined) return false
        const headers = ['Host', 'shop']
        const target = { address: '127.0.0.1', port: node }
        forwardUpgrade({
          request,
          socket,
          head: Buffer.alloc(0),
          target,
          path: '/',
          headers,
          connectTimeout: 1000,
          idleTimeout: 0,
        })
        return true
      },
    }))
    const caller = call(port, `${handshake}ping`)
    expect(await until(caller, 'ping')).toBe(`${switching}ping`)
    expect(failures.map(({ kind }) => kind)).toEqual(['connect'])
    expect(await later(outcome(), 50)).toBe('late')
  })
})

describe('R8: a caller that leaves before the 101', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => socket.end()],
    ['is gone', (socket) => socket.destroy()],
    ['resets', (socket) => socket.resetAndDestroy()],
  ])('%s: the node sees its connection closed within 500 ms', async (_, leave) => {
    const asked = new Promise<Socket>(
      (resolve) => void rawNode((socket) => socket.once('data', () => resolve(socket))).then(start),
    )
    const { outcome } = await started
    const node = await asked
    const took = closed(node)
    leave(caller)
    expect(await took).toBeLessThan(500)
    expect(await outcome()).toEqual({})
  })

  let caller: Socket
  let resolveStarted: (value: Awaited<ReturnType<typeof front>>) => void
  let started: Promise<Awaited<ReturnType<typeof front>>>
  const begin = () => {
    started = new Promise((resolve) => {
      resolveStarted = resolve
    })
  }
  begin()
  afterEach(begin)
  async function start(node: number): Promise<void> {
    const made = await front(node)
    caller = call(made.port)
    resolveStarted(made)
  }
})

describe('R26: an end on one side', () => {
  const sides: [string, (socket: Socket) => void][] = [
    ['ends', (socket) => socket.end()],
    ['is gone', (socket) => socket.destroy()],
    ['resets', (socket) => socket.resetAndDestroy()],
  ]

  it.each(sides)('the caller %s: the node is closed within 500 ms', async (_, leave) => {
    const { caller, node, outcome } = await connected()
    const took = closed(node)
    leave(caller)
    expect(await took).toBeLessThan(500)
    expect(await outcome()).toEqual({ status: 101 })
  })

  it.each(sides)('the node %s: the caller is closed within 500 ms', async (_, leave) => {
    const { caller, node, outcome } = await connected()
    const took = closed(caller)
    leave(node)
    expect(await took).toBeLessThan(500)
    expect((await outcome()).status).toBe(101)
  })

  it('a caller that has stopped reading resets: the node is closed within 500 ms', async () => {
    const { caller, node, outcome } = await connected()
    caller.pause()
    while (node.write(Buffer.alloc(1_000_000))) await new Promise(setImmediate)
    const took = closed(node)
    caller.resetAndDestroy()
    expect(await took).toBeLessThan(500)
    expect(await outcome()).toEqual({ status: 101 })
  })

  it('delivers everything that was sent before a clean end', async () => {
    const { caller, node } = await connected()
    const text = untilClosed(caller)
    for (let i = 0; i < 20; i++) node.write(Buffer.alloc(100_000, 'x'))
    node.end('last')
    const all = await text
    expect(all.length).toBe(2_000_004)
    expect(all.endsWith('last')).toBe(true)
  })

  it('closes both when no byte comes for idleTimeout', async () => {
    const { caller, node, outcome } = await connected({ idleTimeout: 60 })
    await Promise.all([untilClosed(caller), closed(node)])
    expect(await outcome()).toMatchObject({ status: 101, error: { kind: 'timeout' } })
  })
})

describe('R4: close(1001)', () => {
  it('tells a WebSocket caller and its node, between two frames', async () => {
    const node = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise((resolve) => node.once('listening', resolve))
    const nodeCode = new Promise((resolve) =>
      node.on('connection', (socket) => {
        socket.send('hello')
        socket.on('close', resolve)
      }),
    )
    const { port, upgrades, outcome } = await front((node.address() as { port: number }).port)
    const caller = new WebSocket(`ws://127.0.0.1:${port}/`)
    await new Promise((resolve) => caller.once('message', resolve))
    const callerCode = new Promise((resolve) => caller.once('close', resolve))
    upgrades[0]?.close(1001)
    expect(await callerCode).toBe(1001)
    expect(await nodeCode).toBe(1001)
    expect(await outcome()).toEqual({ status: 101 })
    node.close()
  })

  it('puts nothing into a frame that is half-way', async () => {
    const { caller, node, upgrades, outcome } = await connected()
    const text = untilClosed(caller)
    node.write(Buffer.from([0x82, 10, 1, 2, 3]))
    await new Promise((resolve) => caller.once('data', resolve))
    upgrades[0]?.close(1001)
    expect(Buffer.from(await text, 'latin1')).toEqual(Buffer.from([0x82, 10, 1, 2, 3]))
    expect(await outcome()).toEqual({ status: 101 })
  })

  it('ends another protocol without a word', async () => {
    const node = await switchingNode(
      () => undefined,
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    )
    const { port, upgrades, outcome } = await front(node)
    const caller = call(port, handshake.replace('websocket', 'x'))
    await until(caller, '\r\n\r\n')
    const text = untilClosed(caller)
    upgrades[0]?.close(1001)
    expect(await text).toBe('')
    expect(await outcome()).toEqual({ status: 101 })
  })

  it('cuts peers that do not answer', async () => {
    const stubborn: Socket[] = []
    const server = (await import('node:net')).createServer({ allowHalfOpen: true }, (socket) => {
      stubborn.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write(switching))
    })
    const { port, upgrades, outcome } = await front(await listen(server))
    const caller = (await import('node:net')).connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    caller.on('error', () => undefined)
    caller.write(handshake)
    await until(caller, '\r\n\r\n')
    upgrades[0]?.close(1001)
    expect(await later(outcome(), 2000)).toMatchObject({ status: 101 })
    caller.destroy()
    for (const socket of stubborn) socket.destroy()
  })

  it('answers 503 draining before the 101', async () => {
    const nodes: Socket[] = []
    const { port, upgrades, outcome } = await front(await rawNode((socket) => nodes.push(socket.resume())))
    const caller = call(port)
    const text = untilClosed(caller)
    while (nodes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    upgrades[0]?.close(1001)
    expect(await text).toMatch(/^HTTP\/1\.1 503 [\s\S]*micro-error: draining/)
    expect(await outcome()).toEqual({ status: 503 })
    for (const socket of nodes) await closed(socket)
  })
})

/** A caller and a node that have switched. */
async function connected(options: object = {}) {
  let node: Socket | undefined
  const made = await front(
    await switchingNode((socket) => {
      node = socket
    }),
    options,
  )
  const caller = call(made.port)
  await until(caller, '\r\n\r\n')
  if (node === undefined) throw new Error('the node was not asked')
  return { ...made, caller, node }
}

function unchunked(body: string): string {
  let text = ''
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.slice(at, line), 16)
    if (!(length > 0)) return text
    text += body.slice(line + 2, line + 2 + length)
    at = line + 2 + length + 2
  }
}
