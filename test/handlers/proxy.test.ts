import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyOf, httpNode } from '../kit/http-node.js'
import { rawCaller, rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const proxied = { handler: 'proxy', namespace: 'ns' } as const

async function inFront(port: number, config: object = {}) {
  const sidecar = await startSidecar({ ...proxied, ...config })
  await register(sidecar, 'ns.app', port)
  return sidecar
}

function sha(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

describe('a request goes on as it came', () => {
  test('method, path, query, headers and body; forwarding headers are appended', async () => {
    const node = await rawNode((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
    })
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url)
    caller.send('PURGE /app//a/../%2f?x=%20&&y HTTP/1.1\r\nHost: shop.example\r\nX-ODD: 1\r\nx-odd: 2\r\n')
    caller.send('X-Forwarded-For: 9.9.9.9\r\nVia: 1.0 first\r\nForwarded: for=9.9.9.9\r\n\r\n')
    await caller.until(/\r\n\r\nok$/)
    const seen = node.seen()
    expect(seen).toMatch(
      /^PURGE \/app\/\/a\/\.\.\/%2f\?x=%20&&y HTTP\/1\.1\r\nHost: shop\.example\r\nX-ODD: 1\r\nx-odd: 2\r\n/,
    )
    expect(seen).toContain('X-Forwarded-For: 9.9.9.9, 127.0.0.1\r\n')
    expect(seen).toContain('Via: 1.0 first, 1.1 micro-sidecar\r\n')
    expect(seen).toContain('Forwarded: for=9.9.9.9, for=127.0.0.1;host="shop.example";proto=http\r\n')
    expect(seen).toContain('X-Forwarded-Host: shop.example\r\n')
    expect(seen).toContain('X-Forwarded-Proto: http\r\n')
    expect(seen).toContain('micro-attempt: 1\r\n')
    expect(seen).toMatch(/Timeout: \d{10,11}\r\n/)
  })

  test('R19: 1,000 random requests arrive byte for byte, and their answers come back so', {
    timeout: 60_000,
  }, async () => {
    const node = await httpNode(async (request, response) => {
      const body = await bodyOf(request)
      response.writeHead(200, [
        'Content-Length',
        String(body.length),
        'X-Seen',
        String(request.headers['x-given'] ?? ''),
        'X-Path',
        request.url ?? '',
      ])
      response.end(request.method === 'HEAD' ? '' : body)
    })
    const sidecar = await inFront(node.port)
    const path = fc.stringMatching(/^[a-zA-Z0-9\-._~!$&'()*+,;=:@/%?]{0,40}$/)
    const value = fc.stringMatching(/^[!-~\u00a0-\u00ff]([ -~\u00a0-\u00ff]{0,20}[!-~\u00a0-\u00ff])?$/)
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND')
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        value,
        fc.uint8Array({ maxLength: 2000 }),
        fc.boolean(),
        async (verb, rest, given, bytes, chunked) => {
          const body = Buffer.from(bytes)
          const answer = await send(
            sidecar.url,
            verb,
            `/app/${rest}`,
            { 'X-Given': given },
            verb === 'HEAD' ? Buffer.alloc(0) : body,
            chunked,
          )
          expect(answer.status).toBe(200)
          expect(answer.headers['x-path']).toBe(`/app/${rest}`)
          expect(answer.headers['x-seen']).toBe(given)
          if (verb !== 'HEAD') expect(answer.body.equals(body)).toBe(true)
        },
      ),
      { numRuns: 1000, seed: 20261124 },
    )
  })

  test('bytes of a body stay what they are', async () => {
    const node = await httpNode(async (request, response) => response.end(await bodyOf(request)))
    const sidecar = await inFront(node.port)
    const body = randomBytes(100_000)
    const answer = await fetch(`${sidecar.url}/app/x`, { method: 'POST', body })
    expect(sha(Buffer.from(await answer.arrayBuffer()))).toBe(sha(body))
  })
})

describe('bodies stream', () => {
  test('20 MB up and down, unchanged', async () => {
    const node = await httpNode((request, response) => request.pipe(response))
    const sidecar = await inFront(node.port)
    const body = randomBytes(20 * 1024 * 1024)
    const answer = await fetch(`${sidecar.url}/app/x`, { method: 'PUT', body })
    expect(sha(Buffer.from(await answer.arrayBuffer()))).toBe(sha(body))
  })

  test("an upload's first byte reaches the node before its last has left the caller", async () => {
    const node = await rawNode((socket) => {
      socket.on('data', (chunk) => {
        if (chunk.includes('last')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
    })
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url)
    caller.send('POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nfirst')
    await until(() => node.seen().includes('first'))
    caller.send('last')
    await caller.until(/200 OK/)
  })

  test('an event stream arrives event by event, its head before the first', async () => {
    let emit: (event: string) => void = () => {}
    const node = await httpNode((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.flushHeaders()
      emit = (event) => response.write(`data: ${event}\n\n`)
    })
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/events HTTP/1.1\r\nHost: a\r\n\r\n')
    await caller.until(/text\/event-stream/)
    emit('one')
    await caller.until(/data: one/)
    emit('two')
    await caller.until(/data: two/)
  })
})

describe('answers', () => {
  test.each([
    ['204', 'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n'],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nETag: "x"\r\n\r\n'],
    ['an own reason', 'HTTP/1.1 299 Fine By Me\r\nContent-Length: 0\r\n\r\n'],
  ])('%s passes', async (_name, given) => {
    const node = await rawNode((socket) => socket.on('data', () => socket.write(given)))
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
    const text = await caller.until(/\r\n\r\n/)
    for (const line of given.trim().split('\r\n')) expect(text).toContain(line)
    caller.send('GET /nowhere/x HTTP/1.1\r\nHost: a\r\n\r\n')
    await caller.until(/404 Not Found/)
  })

  test('HEAD keeps the length and has no body', async () => {
    const node = await httpNode((_request, response) => response.writeHead(200, { 'Content-Length': 1234 }).end())
    const sidecar = await inFront(node.port)
    const answer = await fetch(`${sidecar.url}/app/x`, { method: 'HEAD' })
    expect(answer.headers.get('content-length')).toBe('1234')
    expect(await answer.text()).toBe('')
  })

  test('1xx, repeated headers, cookies and trailers pass', async () => {
    const node = await rawNode((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
        socket.write('HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Twice: 1\r\nX-Twice: 2\r\n')
        socket.write('Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 42\r\n\r\n')
      })
    })
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n')
    const text = await caller.until(/X-Sum: 42\r\n\r\n$/)
    expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    expect(text).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Twice: 1\r\nX-Twice: 2\r\n')
    expect(text).toContain('Trailer: X-Sum\r\n')
    expect(node.seen()).toContain('TE: trailers\r\n')
  })

  test('a node without a Date gets none', async () => {
    const node = await rawNode((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
    )
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await caller.until(/ok$/)).not.toMatch(/\r\nDate:/i)
  })

  test('own headers are on it', async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const sidecar = await inFront(node.port)
    const answer = await fetch(`${sidecar.url}/app/x`, { headers: { 'x-request-id': 'mine' } })
    expect(answer.headers.get('x-request-id')).toBe('mine')
    expect(answer.headers.get('micro-attempts')).toBe('1')
    expect(answer.headers.get('server-timing')).toMatch(/^micro;dur=[\d.]+$/)
    expect(answer.headers.get('micro-error')).toBeNull()
    expect(node.requests[0]?.headers['x-request-id']).toBe('mine')
  })
})

describe('what fails says so', () => {
  test.each([
    ['/', 404, 'no_route'],
    ['/-x/y', 404, 'no_route'],
    ['/nowhere/x', 404, 'unknown_service'],
  ])('%s: %i %s', async (path, status, code) => {
    const sidecar = await startSidecar(proxied)
    const answer = await fetch(`${sidecar.url}${path}`)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('micro-error')).toBe(code)
    expect(await answer.json()).toMatchObject({ id: 'go.micro.client', code: status, status: 'Not Found' })
  })

  test('a refused connection is 502 connect, and another node is tried first', async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const sidecar = await startSidecar(proxied)
    await register(sidecar, 'ns.app', 1, {}, 'dead')
    const answer = await fetch(`${sidecar.url}/app/x`)
    expect([answer.status, answer.headers.get('micro-error')]).toEqual([502, 'connect'])
    await register(sidecar, 'ns.app', node.port, {}, 'alive')
    for (let i = 0; i < 20; i++)
      expect((await fetch(`${sidecar.url}/app/x`, { method: 'POST', body: 'x' })).status).toBe(200)
  })

  test('no answer in time is 504 timeout, and the node is let go', async () => {
    const node = await rawNode(() => {})
    const sidecar = await inFront(node.port, { client: { timeout: '100ms', retries: 0 } })
    const answer = await fetch(`${sidecar.url}/app/x`)
    expect([answer.status, answer.headers.get('micro-error')]).toEqual([504, 'timeout'])
    await until(() => node.sockets[0]?.destroyed === true || node.sockets[0]?.readableEnded === true)
  })

  test('R21: a node that dies in mid-answer makes the connection end, with nothing glued on', async () => {
    const node = await rawNode((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.destroy()))
    })
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await caller.end()).toMatch(/\r\n\r\n(half)?$/)
  })
})

describe('callers that leave (R8)', () => {
  test.each([
    ['while waiting', 'GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['in mid-upload', 'POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in a chunked upload', 'POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('%s: the node notices within half a second', async (_name, bytes) => {
    const node = await rawNode(() => {})
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send(bytes)
    await until(() => node.seen().includes('\r\n\r\n'))
    const left = performance.now()
    caller.socket.destroy()
    await until(() => node.sockets[0]?.destroyed === true || node.sockets[0]?.readableEnded === true)
    expect(performance.now() - left).toBeLessThan(500)
    expect(node.sockets).toHaveLength(1)
  })

  test('in mid-download', async () => {
    const node = await rawNode((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')),
    )
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
    await caller.until(/half$/)
    caller.socket.destroy()
    await until(() => node.sockets[0]?.destroyed === true || node.sockets[0]?.readableEnded === true, 500)
  })

  test('R19: one that only closes its own side still gets its answer', async () => {
    const node = await httpNode((_request, response) => void setTimeout(() => response.end('late'), 400))
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
    caller.socket.end()
    expect(await caller.end()).toMatch(/200 OK[\s\S]*late/)
  })
})

describe('connections to nodes', () => {
  test('are kept and reused', async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const sidecar = await inFront(node.port)
    for (let i = 0; i < 10; i++) await (await fetch(`${sidecar.url}/app/x`)).text()
    expect(node.connections).toBe(1)
  })

  test.each(['GET', 'POST'])(
    "R7: one that the node closed while it was kept is not the caller's problem: %s",
    async (method) => {
      const node = await rawNode((socket) => {
        socket.on('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
          setTimeout(() => socket.end(), 30)
        })
      })
      const sidecar = await inFront(node.port)
      for (let i = 0; i < 10; i++) {
        const answer = await fetch(`${sidecar.url}/app/x`, method === 'POST' ? { method, body: 'x' } : {})
        expect(await answer.text()).toBe('ok')
        await new Promise((resolve) => setTimeout(resolve, 40))
      }
    },
  )

  test('R7: a reset on the second request: GET is asked again, POST never runs twice', async () => {
    let posts = 0
    const node = await rawNode((socket) => {
      let count = 0
      socket.on('data', (chunk) => {
        if (chunk.includes('POST')) posts++
        if (++count > 1) socket.resetAndDestroy()
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const sidecar = await inFront(node.port)
    for (let i = 0; i < 10; i++) expect((await fetch(`${sidecar.url}/app/x`)).status).toBe(200)
    for (let i = 0; i < 10; i++)
      expect([200, 502]).toContain((await fetch(`${sidecar.url}/app/x`, { method: 'POST', body: 'x' })).status)
    expect(posts).toBe(10)
  })
})

describe('S1: what could be read in two ways reaches no node', () => {
  test.each([
    'GET /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n',
    'POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: deflate, chunked\r\n\r\n0\r\n\r\n',
    'POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    'POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc',
    'GET /app/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'GET /app/x HTTP/1.1\r\n\r\n',
    'GET /app/x HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n',
    'GET /app/x HTTP/1.1\r\nHost: a\r\nX-A : 1\r\n\r\n',
    'GET /app/x HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n folded\r\n\r\n',
    'GET /app/x HTTP/1.1\r\nHost: a\r\nX-A: a\x00b\r\n\r\n',
    'POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n',
    'POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n',
  ])('%j', async (bytes) => {
    const node = await rawNode((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    )
    const sidecar = await inFront(node.port)
    const caller = rawCaller(sidecar.url).send(`${bytes}GET /app/smuggled HTTP/1.1\r\nHost: a\r\n\r\n`)
    const text = await caller.end()
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(text.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1)
    expect(text).toMatch(/micro-error: bad_request/)
    expect(node.seen()).not.toContain('smuggled')
    expect(node.seen()).not.toMatch(/\r\n\r\n.*0\r\n\r\n/s)
  })
})

describe('S2: header limits', () => {
  test('61 kB of headers and 1,001 lines are 431; 150 lines and a 9 kB target pass', async () => {
    const node = await httpNode((request, response) => response.end(String(request.rawHeaders.length)))
    const sidecar = await inFront(node.port)
    const ask = async (headers: string, target = '/app/x') =>
      rawCaller(sidecar.url)
        .send(`GET ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)
        .until(/^HTTP\/1\.1 (\d+)[\s\S]*\r\n\r\n/)
    expect(await ask(`X-Big: ${'x'.repeat(61_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431/)
    expect(await ask('X-A: 1\r\n'.repeat(1000))).toMatch(/^HTTP\/1\.1 431/)
    expect(await ask('X-A: 1\r\n'.repeat(2500))).toMatch(/^HTTP\/1\.1 431/)
    expect(await ask('X-A: 1\r\n'.repeat(149))).toMatch(/^HTTP\/1\.1 200/)
    expect(await ask('', `/app/${'x'.repeat(9000)}`)).toMatch(/^HTTP\/1\.1 (200|414)/)
  })
})

test('Expect: 100-continue is for the node to answer', async () => {
  const node = await rawNode((socket) => {
    socket.on('data', (chunk) => {
      if (chunk.includes('Expect: 100-continue')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      if (chunk.includes('body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  })
  const sidecar = await inFront(node.port)
  const caller = rawCaller(sidecar.url).send(
    'POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
  )
  await caller.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  caller.send('body')
  await caller.until(/HTTP\/1\.1 200 OK/)
})

test('a node that refuses without a 100 is passed on, and the connection ends: no body may follow', async () => {
  const node = await rawNode((socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n'))
  })
  const sidecar = await inFront(node.port)
  const caller = rawCaller(sidecar.url)
  caller.send('POST /app/x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n')
  expect(await caller.end()).toMatch(/^HTTP\/1\.1 417 [\s\S]*Connection: close\r\n/)
})

test('two requests in one packet are answered in order', async () => {
  const node = await httpNode((request, response) => response.end(request.url))
  const sidecar = await inFront(node.port)
  const caller = rawCaller(sidecar.url).send(
    'GET /app/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /app/2 HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  expect(await caller.until(/\/app\/2$/)).toMatch(/\/app\/1[\s\S]*\/app\/2$/)
})

async function until(condition: () => boolean, timeout = 3000): Promise<void> {
  const deadline = performance.now() + timeout
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeout} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

function send(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
  chunked: boolean,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(body.length) }
    const request = httpRequest(
      url,
      { method, path, headers: { ...headers, ...(body.length === 0 ? {} : length) } },
      async (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await bodyOf(response) })
      },
    )
    request.on('error', reject)
    if (body.length === 0) request.end()
    else Readable.from([body]).pipe(request)
  })
}
