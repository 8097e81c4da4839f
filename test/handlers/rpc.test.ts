import type { IncomingMessage, ServerResponse } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyOf, httpNode } from '../kit/http-node.js'
import { rawCaller, rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const json = { 'Content-Type': 'application/json' }

/** A go-micro service of 0.x: JSON-RPC 1.0 in an envelope. `result` is put into the answer as it is. */
function envelope(answer: (method: string, params: string) => { result?: string; error?: string }) {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await bodyOf(request)).toString()
    const [, method = '', params = ''] = /^\{"method":"([^"]*)","params":\[([\s\S]*)\],"id":0\}$/.exec(body) ?? []
    const { result = 'null', error = 'null' } = answer(method, params)
    response.writeHead(200, json).end(`{"id":0,"result":${result},"error":${error}}`)
  }
}

async function greeter(answer = envelope((_method, params) => ({ result: params }))) {
  const node = await httpNode(answer)
  const sidecar = await startSidecar()
  await register(sidecar, 'go.micro.srv.greeter', node.port)
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = json) =>
    fetch(`${sidecar.url}${path}`, { method: 'POST', body, headers })
  return { node, sidecar, post }
}

describe('a call by path', () => {
  test('reaches the method that the path names', async () => {
    const { post } = await greeter(envelope((method, params) => ({ result: `{"method":"${method}","got":${params}}` })))
    const answer = await post('/greeter/say/hello', '{"name":"John"}')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('content-length')).toBe('44')
    expect(await answer.json()).toEqual({ method: 'Say.Hello', got: { name: 'John' } })
  })

  test('numbers of any length keep every digit, both ways', async () => {
    const { post } = await greeter()
    const body = '{"id":9223372036854775807,"pi":3.14159265358979323846264338327950288,"e":1E400,"neg":-0.0}'
    expect(await (await post('/greeter/say/hello', body)).text()).toBe(body)
  })

  test('random JSON comes back byte for byte', async () => {
    const { post } = await greeter()
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        expect(await (await post('/greeter/say/hello', body)).text()).toBe(body)
      }),
      { numRuns: 300, seed: 20261124 },
    )
  })

  test('an empty body is an empty request', async () => {
    const { post } = await greeter()
    expect(await (await post('/greeter/say/hello', '')).text()).toBe('{}')
    expect(await (await post('/greeter/say/hello', ' \r\n')).text()).toBe('{}')
  })

  test.each(['{"a":}', '{', 'nope', '{"a":1}x', '"\u0001"', `${'['.repeat(65)}${']'.repeat(65)}`])(
    'S5: malformed JSON is 400 and nothing is sent: %j',
    async (body) => {
      const { node, post } = await greeter()
      const answer = await post('/greeter/say/hello', body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 400, status: 'Bad Request' })
      expect(node.requests).toHaveLength(0)
    },
  )

  test('protobuf goes through as bytes, its content type comes back', async () => {
    const node = await httpNode(async (request, response) => {
      const body = await bodyOf(request)
      const header = body.readUInt32BE(0)
      const message = body.subarray(4 + header + 4)
      const frames = [Buffer.from([0, 0, 0, 0]), Buffer.alloc(4), message]
      frames[1]?.writeUInt32BE(message.length)
      response.writeHead(200, { 'Content-Type': 'application/protobuf' }).end(Buffer.concat(frames))
    })
    const sidecar = await startSidecar()
    await register(sidecar, 'go.micro.srv.greeter', node.port)
    const body = Buffer.from([0x0a, 0x04, 0xff, 0x00, 0x80, 0x7f])
    const headers = { 'Content-Type': 'application/protobuf; proto=x' }
    const answer = await fetch(`${sidecar.url}/greeter/say/hello`, { method: 'POST', body, headers })
    expect(answer.headers.get('content-type')).toBe('application/protobuf')
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
  })

  test('a node with protocol mucp gets headers and the bare body', async () => {
    const node = await httpNode(async (request, response) => response.end(await bodyOf(request)))
    const sidecar = await startSidecar()
    await register(sidecar, 'go.micro.srv.greeter', node.port, { protocol: 'mucp' })
    const answer = await fetch(`${sidecar.url}/greeter/say/hello`, { method: 'POST', body: '{"n":1}', headers: json })
    expect(await answer.text()).toBe('{"n":1}')
    expect(node.requests[0]?.headers).toMatchObject({
      'micro-service': 'go.micro.srv.greeter',
      'micro-method': 'Say.Hello',
    })
  })
})

describe('metadata', () => {
  test("S19: the caller's end-to-end headers travel, hop-by-hop ones never", async () => {
    const { node, sidecar } = await greeter()
    const caller = rawCaller(sidecar.url)
    caller.send(
      'POST /greeter/say/hello HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n',
    )
    caller.send('X-User: 7\r\nX-Twice: 1\r\nX-Twice: 2\r\nConnection: close, X-Gone\r\nX-Gone: 1\r\nKeep-Alive: 1\r\n')
    caller.send('Proxy-Authorization: x\r\nTE: gzip\r\nUpgrade-Insecure-Requests: 1\r\n\r\n{}')
    await caller.end()
    const { headers } = node.requests[0] ?? {}
    expect(headers).toMatchObject({ 'x-user': '7', 'x-twice': '1,2', 'upgrade-insecure-requests': '1' })
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' })
    for (const name of ['x-gone', 'keep-alive', 'proxy-authorization', 'te']) expect(headers).not.toHaveProperty(name)
    expect(headers?.connection ?? 'keep-alive').toBe('keep-alive')
    expect(Number(headers?.timeout)).toBeGreaterThan(1e9)
    expect(Number(headers?.timeout)).toBeLessThanOrEqual(5e9)
  })

  test('callers that send Connection: close do not close the connection to the node', async () => {
    const { node, sidecar } = await greeter()
    for (let i = 0; i < 6; i++) {
      const caller = rawCaller(sidecar.url)
      caller.send(
        'POST /greeter/say/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
      )
      expect(await caller.end()).toMatch(/^HTTP\/1\.1 200/)
    }
    expect(node.connections).toBe(1)
  })

  test("S20: go-micro's own headers cannot be forged", async () => {
    const { node, post } = await greeter()
    await post('/greeter/say/hello', '{}', {
      ...json,
      'Micro-Topic': 'x',
      'X-Micro-Method': 'y',
      'Micro-Service': 'z',
      'Micro-Trace-Id': 't',
    })
    const names = Object.keys(node.requests[0]?.headers ?? {}).filter((name) => name.includes('micro-'))
    expect(names.sort()).toEqual(['micro-attempt', 'micro-trace-id'])
  })

  test('a shorter deadline of the caller travels on', async () => {
    const { node, post } = await greeter()
    await post('/greeter/say/hello', '{}', { ...json, Timeout: '1000000000' })
    await post('/greeter/say/hello', '{}', { ...json, Timeout: '99000000000' })
    const sent = node.requests.map((request) => Number(request.headers.timeout))
    expect(sent[0]).toBeLessThanOrEqual(1e9)
    expect(sent[1]).toBeLessThanOrEqual(5e9)
  })
})

describe('errors', () => {
  test("a service's own error passes with its code", async () => {
    const form = '{"id":"greeter","code":409,"detail":"taken","status":"Conflict"}'
    const { post } = await greeter(envelope(() => ({ error: JSON.stringify(form) })))
    const answer = await post('/greeter/say/hello', '{}')
    expect(answer.status).toBe(409)
    expect(await answer.text()).toBe(form)
    expect(answer.headers.get('micro-error')).toBeNull()
  })

  test('go-micro 1.0 closes its connection after an error, without a word: no call is put on it', async () => {
    const error = '{"id":0,"result":null,"error":"boom"}'
    const node = await rawNode((socket) => {
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${error.length}\r\n\r\n${error}`)
        setImmediate(() => socket.resetAndDestroy())
      })
    })
    const sidecar = await startSidecar({ client: { breaker: false } })
    await register(sidecar, 'go.micro.srv.greeter', node.port)
    const ask = () => fetch(`${sidecar.url}/greeter/say/hello`, { method: 'POST', body: '{}', headers: json })
    for (let i = 0; i < 20; i++) expect([500, (await ask()).status]).toEqual([500, 500])
    expect(node.sockets).toHaveLength(20)
  })

  test('a plain error string is a 500', async () => {
    const { post } = await greeter(envelope(() => ({ error: '"boom"' })))
    const answer = await post('/greeter/say/hello', '{}')
    expect(answer.status).toBe(500)
    expect(await answer.json()).toEqual({
      id: 'go.micro.api',
      code: 500,
      detail: 'error during request: boom',
      status: 'Internal Server Error',
    })
  })

  test.each([
    ['GET', '/greeter/say/hello', json, 405, 'Method not allowed'],
    ['POST', '/greeter/say/hello', { 'Content-Type': 'text/plain' }, 415, 'unsupported content-type'],
    ['POST', '/greeter', json, 404, 'names no method'],
    ['POST', '/nobody/say/hello', json, 404, 'not found'],
  ])('%s %s %j: %i', async (method, path, headers, status, detail) => {
    const { sidecar } = await greeter()
    const answer = await fetch(`${sidecar.url}${path}`, {
      method,
      headers,
      ...(method === 'POST' ? { body: '{}' } : {}),
    })
    expect(answer.status).toBe(status)
    const form = (await answer.json()) as { detail: string }
    expect(Object.keys(form)).toEqual(['id', 'code', 'detail', 'status'])
    expect(form.detail).toContain(detail)
  })

  test('no answer in time is a 408 of go.micro.client', async () => {
    const node = await rawNode(() => {})
    const sidecar = await startSidecar({ client: { timeout: '100ms' } })
    await register(sidecar, 'go.micro.srv.greeter', node.port)
    const answer = await fetch(`${sidecar.url}/greeter/say/hello`, { method: 'POST', body: '{}', headers: json })
    expect(answer.status).toBe(408)
    expect(await answer.json()).toMatchObject({ id: 'go.micro.client', code: 408 })
  })

  test('S3: one byte over limits.body is 413, unread when the length is told, without a 100', async () => {
    const { node, sidecar } = await greeter()
    const head = 'POST /greeter/say/hello HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    const told = rawCaller(sidecar.url).send(
      `${head}Expect: 100-continue\r\nContent-Length: ${4 * 1024 * 1024 + 1}\r\n\r\n`,
    )
    expect(await told.end()).toMatch(/^HTTP\/1\.1 413 [\s\S]*micro-error: too_large/)
    const chunked = rawCaller(sidecar.url).send(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    for (let i = 0; i < 65; i++) chunked.send(`10000\r\n${' '.repeat(65_536)}\r\n`)
    expect(await chunked.until(/\r\n\r\n[\s\S]+\}/)).toMatch(/^HTTP\/1\.1 413 /)
    expect(node.requests).toHaveLength(0)
  })

  test('Expect: 100-continue is answered before a body that is within the limit', async () => {
    const { sidecar } = await greeter()
    const head = 'POST /greeter/say/hello HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    const caller = rawCaller(sidecar.url).send(`${head}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`)
    await caller.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    await caller.send('{}').until(/HTTP\/1\.1 200 OK/)
  })
})

describe('/rpc', () => {
  test('JSON, its keys in any case, and the request as a string', async () => {
    const { post } = await greeter()
    for (const body of [
      '{"service":"go.micro.srv.greeter","method":"Say.Hello","request":{"id":9223372036854775807}}',
      '{"Service":"go.micro.srv.greeter","METHOD":"Say.Hello","request":"{\\"id\\":9223372036854775807}"}',
    ]) {
      const answer = await post('/rpc', body)
      expect([answer.status, await answer.text()]).toEqual([200, '{"id":9223372036854775807}'])
    }
  })

  test('a form', async () => {
    const { sidecar } = await greeter()
    const body = new URLSearchParams({
      service: 'go.micro.srv.greeter',
      method: 'Say.Hello',
      request: '{"name":"John"}',
    })
    const answer = await fetch(`${sidecar.url}/rpc`, { method: 'POST', body })
    expect([answer.status, await answer.text()]).toEqual([200, '{"name":"John"}'])
  })

  test.each([
    ['{"method":"Say.Hello"}', 'invalid service'],
    ['{"service":"go.micro.srv.greeter"}', 'invalid method'],
    ['{"service":"a","method":"b","request":"{"}', 'error decoding request string: '],
    ['null', ''],
    ['[]', ''],
    ['1', ''],
  ])('%s is a 400 of go.micro.rpc', async (body, detail) => {
    const { post } = await greeter()
    const answer = await post('/rpc', body)
    expect(answer.status).toBe(400)
    const form = (await answer.json()) as { id: string; detail: string }
    expect(form.id).toBe('go.micro.rpc')
    expect(form.detail).toContain(detail)
  })

  test('S7: address reaches registered nodes of that service only, until it is opened', async () => {
    const { node, sidecar, post } = await greeter()
    const other = await httpNode(envelope(() => ({ result: '"other"' })))
    await register(sidecar, 'go.micro.srv.other', other.port)
    const ask = (address: string) =>
      post('/rpc', JSON.stringify({ service: 'go.micro.srv.greeter', method: 'Debug.Health', address }))
    expect((await ask(`127.0.0.1:${node.port}`)).status).toBe(200)
    const refused = await ask(`127.0.0.1:${other.port}`)
    expect([refused.status, refused.headers.get('micro-error')]).toEqual([403, 'forbidden'])
    expect(other.connections).toBe(0)
    const open = await startSidecar({ rpc: { addresses: 'any' } })
    const body = JSON.stringify({ service: 'x', method: 'Debug.Health', address: `127.0.0.1:${other.port}` })
    expect((await fetch(`${open.url}/rpc`, { method: 'POST', body, headers: json })).status).toBe(200)
  })

  test('a plain error carries the id of this path', async () => {
    const { post } = await greeter(envelope(() => ({ error: '"boom"' })))
    const answer = await post('/rpc', '{"service":"go.micro.srv.greeter","method":"Say.Hello"}')
    expect(await answer.json()).toMatchObject({ id: 'go.micro.rpc', code: 500, detail: 'error during request: boom' })
  })

  test('only POST', async () => {
    const { sidecar } = await greeter()
    for (const path of ['/rpc', '/greeter/say/hello']) {
      const answer = await fetch(`${sidecar.url}${path}`)
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
  })
})
