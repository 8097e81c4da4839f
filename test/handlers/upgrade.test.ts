import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { httpNode } from '../kit/http-node.js'
import { rawCaller, rawNode } from '../kit/raw.js'
import { closeAfterwards, listen, register, startSidecar } from '../kit/sidecar.js'

async function echoBehindSidecar(config: object = {}) {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  )
  const port = await listen(server)
  closeAfterwards(() => sockets.close())
  const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', ...config })
  await register(sidecar, 'ns.app', port)
  return sidecar
}

function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'))
  closeAfterwards(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket))
    socket.once('error', reject)
  })
}

function message(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => socket.once('message', (data) => resolve(String(data))))
}

describe('WebSocket through the proxy', () => {
  test('echoes', async () => {
    const sidecar = await echoBehindSidecar()
    const socket = await open(`${sidecar.url}/app/chat?x=1`)
    const answer = message(socket)
    socket.send('hello')
    expect(await answer).toBe('hello')
  })

  test('R4: stop() closes it with 1001', async () => {
    const sidecar = await echoBehindSidecar()
    const socket = await open(`${sidecar.url}/app/chat`)
    const code = new Promise((resolve) => socket.once('close', resolve))
    await sidecar.stop()
    expect(await code).toBe(1001)
  })

  test('R2: a dead node is not the end: another one is asked, and with none it is a 502 in the error form', async () => {
    const sidecar = await echoBehindSidecar()
    await register(sidecar, 'ns.app', 1, {}, 'dead')
    for (let i = 0; i < 10; i++) {
      const socket = await open(`${sidecar.url}/app/chat`)
      const answer = message(socket)
      socket.send('hello')
      expect(await answer).toBe('hello')
    }
    await register(sidecar, 'ns.gone', 1)
    const caller = rawCaller(sidecar.url)
    caller.send('GET /gone/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const text = await caller.end()
    expect(text).toMatch(/^HTTP\/1\.1 502 [\s\S]*micro-error: connect\r\n/)
    expect(text).toMatch(/micro-attempts: 1\r\n[\s\S]*node ns\.gone-1 at 127\.0\.0\.1:1/)
  })

  test('own headers are on the 101', async () => {
    const sidecar = await echoBehindSidecar()
    const caller = rawCaller(sidecar.url)
    const head = 'GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-request-id: mine\r\n'
    caller.send(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`)
    expect(await caller.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 [\s\S]*x-request-id: mine\r\nmicro-attempts: 1\r\n/)
  })

  test.each([
    ['/nowhere/chat', 404],
    ['/', 404],
  ])('%s: %i in the error form', async (path, status) => {
    const sidecar = await echoBehindSidecar()
    const caller = rawCaller(sidecar.url)
    caller.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    expect(await caller.end()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*micro-error:`))
  })

  test('middleware stands in front of it: named and Express', async () => {
    const seen: string[] = []
    const sidecar = await echoBehindSidecar({
      middleware: [
        {
          name: 'gate',
          onRequest: (context: { url: string; answer(status: number): void }) =>
            context.url.includes('closed') && context.answer(401),
        },
        (request: { url: string }, _response: unknown, next: () => void) => {
          seen.push(request.url)
          next()
        },
      ],
    })
    await open(`${sidecar.url}/app/open`)
    await expect(open(`${sidecar.url}/app/closed`)).rejects.toThrow('401')
    expect(seen).toEqual(['/app/open', '/app/closed'])
  })

  test('a caller that resets before the 101 hurts nobody', async () => {
    const node = await rawNode(() => {})
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
    await register(sidecar, 'ns.app', node.port)
    for (let i = 0; i < 50; i++) {
      const caller = rawCaller(sidecar.url)
      caller.send(
        'GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
      )
      if (i % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      caller.socket.resetAndDestroy()
    }
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
  })
})

describe('an upgrade that is not wanted is not taken', () => {
  const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'

  test("Java's client offers h2c on every request: proxied as plain HTTP", async () => {
    const node = await httpNode((request, response) => response.end(`${request.url} ${request.headers.upgrade}`))
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
    await register(sidecar, 'ns.app', node.port)
    const caller = rawCaller(sidecar.url).send(`GET /app/x HTTP/1.1\r\nHost: a\r\n${h2c}\r\n`)
    await caller.until(/200 OK[\s\S]*\/app\/x undefined/)
    caller.send('GET /app/again HTTP/1.1\r\nHost: a\r\n\r\n')
    await caller.until(/\/app\/again undefined/)
  })

  test('a POST with h2c reaches its rpc method', async () => {
    const node = await httpNode((_request, response) => response.end('{"id":0,"result":"ok","error":null}'))
    const sidecar = await startSidecar()
    await register(sidecar, 'go.micro.srv.greeter', node.port)
    const head = `POST /greeter/say/hello HTTP/1.1\r\nHost: a\r\n${h2c}Content-Type: application/json\r\n`
    const caller = rawCaller(sidecar.url).send(`${head}Content-Length: 13\r\n\r\n{"name":"Bo"}`)
    await caller.until(/200 OK[\s\S]*"ok"/)
  })

  test('one with a body is proxied as plain HTTP: Node versions differ on whose the bytes are', async () => {
    const node = await httpNode((request, response) => request.pipe(response))
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
    await register(sidecar, 'ns.app', node.port)
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n'
    const caller = rawCaller(sidecar.url).send(`POST /app/x HTTP/1.1\r\nHost: a\r\n${upgrade}\r\nbody`)
    await caller.until(/200 OK[\s\S]*body/)
    caller.send('GET /app/again HTTP/1.1\r\nHost: a\r\n\r\n')
    await caller.until(/body[\s\S]*200 OK/)
  })
})
