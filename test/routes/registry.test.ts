import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { RegisterOptions, Registry } from '../../src/registry/registry.js'
import { registryRoutes } from '../../src/routes/registry.js'

const bodyLimit = 10_000
const foo = '{"Name":"foo.bar","Nodes":[{"Port":9091,"Address":"127.0.0.1","Id":"foo.bar-1"}]}'
const json = { 'Content-Type': 'application/json' }

let registry: Registry
let server: ReturnType<typeof createServer>
let base: string
let port: number

beforeEach(async () => {
  registry = memoryRegistry()
  await serve(registry)
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await registry.close()
})

async function serve(backend: Registry, log?: { error(msg: string): void }): Promise<void> {
  const app = express()
  app.use('/registry', registryRoutes(backend, { bodyLimit, ...(log && { log }) }))
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  base = `http://127.0.0.1:${port}/registry`
}

function post(body: string | Uint8Array, query = '', headers: Record<string, string> = json, method = 'POST') {
  return fetch(base + query, { method, body, headers })
}

async function nothingRegistered(): Promise<void> {
  expect(await registry.listServices()).toEqual([])
}

async function expectError(response: Response, code: number, reason: string, detail: string | RegExp): Promise<void> {
  expect(response.status).toBe(code)
  expect(response.headers.get('micro-error')).toBe(reason)
  expect(response.headers.get('content-type')).toBe('application/json')
  const text = await response.text()
  expect(text).toMatch(/^\{"id":"[^"]+","code":\d+,"detail":"/)
  expect(JSON.parse(text)).toMatchObject({ code, detail: expect.stringMatching(detail) })
}

describe('POST and PUT', () => {
  it.each(['POST', 'PUT'])("%s registers the original documentation's example: 200, empty", async (method) => {
    const response = await post(foo, '', json, method)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
    expect(await registry.getService('foo.bar')).toMatchObject([
      { name: 'foo.bar', nodes: [{ id: 'foo.bar-1', address: '127.0.0.1', port: 9091 }] },
    ])
  })

  it('takes parameters and any case in the content type', async () => {
    expect((await post(foo, '', { 'Content-Type': 'Application/JSON; charset=utf-8' })).status).toBe(200)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'S10: refuses the content type %j: 415',
    async (type) => {
      const response = await post(Buffer.from(foo), '', type === '' ? {} : { 'Content-Type': type })
      await expectError(response, 415, 'bad_request', /^Content-Type must be application\/json/)
      await nothingRegistered()
    },
  )

  it('S3: does not inflate a compressed body: 415', async () => {
    const response = await post(gzipSync(foo), '', { ...json, 'Content-Encoding': 'gzip' })
    await expectError(response, 415, 'bad_request', /^Content-Encoding must be absent/)
    await nothingRegistered()
  })

  it.each(['{', 'null', '[]', '1', '"x"', '{"name":"a"}', '{"name":"a","nodes":[{"id":"b","address":"c","port":0}]}'])(
    'S5: refuses %s: 400, and registers nothing',
    async (body) => {
      await expectError(await post(body), 400, 'bad_request', /must|expected/)
      await nothingRegistered()
    },
  )
})

describe('R14: ?ttl=', () => {
  let ttls: (number | undefined)[]
  beforeEach(() => {
    ttls = []
    const register = registry.register.bind(registry)
    vi.spyOn(registry, 'register').mockImplementation((service, options?: RegisterOptions) => {
      ttls.push(options?.ttl)
      return register(service, options)
    })
  })

  it.each<[string, number]>([
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['2h', 7_200_000],
    ['5000us', 5],
    ['5000µs', 5],
    ['2000000ns', 2],
    ['.5s', 500],
  ])('%s is %d ms', async (text, milliseconds) => {
    expect((await post(foo, `?ttl=${encodeURIComponent(text)}`)).status).toBe(200)
    expect(ttls).toEqual([milliseconds])
  })

  it('absent is none', async () => {
    await post(foo)
    expect(ttls).toEqual([undefined])
  })

  it.each([
    '',
    '10',
    '0',
    '0s',
    '-5s',
    '1',
    's',
    'abc',
    '10x',
    '10S',
    '1 s',
    ' 1s',
    '1s ',
    '1..5s',
    '.s',
    '1e3s',
    '0x10s',
    'NaN',
    'Infinity',
    '1h-5m',
    '10s,',
    '9999999999h',
  ])('%j is refused: 400, and registers nothing', async (text) => {
    await expectError(
      await post(foo, `?ttl=${encodeURIComponent(text)}`),
      400,
      'bad_request',
      /^ttl must be a Go duration/,
    )
    expect(ttls).toEqual([])
  })

  it('counts in real time, per node', async () => {
    await post(foo)
    await post(foo.replace('foo.bar-1', 'foo.bar-2'), '?ttl=80ms')
    const gone = new Promise((resolve) => registry.watch(resolve))
    expect((await registry.getService('foo.bar'))[0]?.nodes).toHaveLength(2)
    await gone
    expect((await registry.getService('foo.bar'))[0]?.nodes.map(({ id }) => id)).toEqual(['foo.bar-1'])
  })
})

describe('DELETE', () => {
  it('removes the nodes named by id, and needs no content type: 200, empty', async () => {
    await post(foo)
    const response = await fetch(base, {
      method: 'DELETE',
      body: Buffer.from('{"name":"foo.bar","nodes":[{"id":"foo.bar-1"}]}'),
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
    await nothingRegistered()
  })

  it('is no error for who is unknown', async () => {
    expect((await fetch(base, { method: 'DELETE', body: foo })).status).toBe(200)
  })

  it('S5: refuses bad input: 400', async () => {
    await post(foo)
    await expectError(
      await fetch(base, { method: 'DELETE', body: '{"name":"foo.bar"}' }),
      400,
      'bad_request',
      /^nodes must/,
    )
    await expectError(await fetch(base, { method: 'DELETE' }), 400, 'bad_request', /^the body must be/)
    expect(await registry.listServices()).toHaveLength(1)
  })
})

describe('GET', () => {
  it('gives an array with an element a version', async () => {
    await post('{"name":"a","version":"1","nodes":[{"id":"a1","address":"h","port":1}]}')
    await post('{"name":"a","version":"2","nodes":[{"id":"a2","address":"h:2"}]}')
    const response = await fetch(`${base}?service=a`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(
      '[{"name":"a","version":"1","metadata":null,"endpoints":null,"nodes":[{"id":"a1","address":"h","port":1,"metadata":null}]},' +
        '{"name":"a","version":"2","metadata":null,"endpoints":null,"nodes":[{"id":"a2","address":"h","port":2,"metadata":null}]}]',
    )
  })

  it.each(['nobody', '__proto__', 'constructor', 'x'.repeat(8000), '%00', '../etc'])(
    'S12: answers 404 for %s',
    async (name) => {
      await expectError(await fetch(`${base}?service=${name}`), 404, 'unknown_service', /^Service not found$/)
    },
  )

  it('S12: finds __proto__ once it is registered', async () => {
    await post('{"name":"__proto__","nodes":[{"id":"__proto__","address":"h","port":1,"metadata":{"__proto__":"x"}}]}')
    const text = await (await fetch(`${base}?service=__proto__`)).text()
    expect(text).toContain('"nodes":[{"id":"__proto__","address":"h","port":1,"metadata":{"__proto__":"x"}}]')
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it.each(['', '?', '?service='])('gives all services for %j', async (query) => {
    expect(await (await fetch(base + query)).json()).toEqual([])
    await post(foo)
    await post(foo.replace('foo.bar', 'other'))
    const services = (await (await fetch(base + query)).json()) as { name: string }[]
    expect(services.map(({ name }) => name)).toEqual(['foo.bar', 'other'])
  })
})

describe('everything else', () => {
  it.each(['PATCH', 'OPTIONS', 'PROPFIND'])('answers %s: 405 with Allow', async (method) => {
    const response = await fetch(base, { method })
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST, PUT, DELETE')
    await expectError(response, 405, 'bad_request', /not allowed/)
  })

  it('answers a deeper path: 404', async () => {
    await expectError(await fetch(`${base}/foo`), 404, 'no_route', /\?service=NAME/)
  })

  it('R27: answers 500 when the registry throws, and logs what it threw', async () => {
    server.close()
    const log = { error: vi.fn() }
    await serve({ ...memoryRegistry(), getService: () => Promise.reject(new Error('secret')) }, log)
    await expectError(await fetch(`${base}?service=a`), 500, 'internal', /^the registry failed$/)
    expect(log.error).toHaveBeenCalledOnce()
  })
})

describe('S3: bodies over the limit', () => {
  it('are refused unread when the length is told', async () => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(
      'POST /registry HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10001\r\n\r\n',
    )
    expect(String(await new Promise((resolve) => socket.once('data', resolve)))).toMatch(
      /^HTTP\/1\.1 413 [\s\S]*micro-error: too_large/,
    )
    socket.destroy()
    await nothingRegistered()
  })

  it('are cut when they come in chunks, and the answer arrives', async () => {
    const answer = new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(base, { method: 'POST', headers: json }, (response) => {
        resolve(response.statusCode)
        response.resume()
        request.destroy()
      })
      request.on('error', reject)
      for (let i = 0; i < 5; i++) request.write('x'.repeat(4000))
    })
    expect(await answer).toBe(413)
    await nothingRegistered()
  })

  it('pass up to the last byte', async () => {
    const padded = foo + ' '.repeat(bodyLimit - foo.length)
    expect((await post(padded)).status).toBe(200)
    await expectError(await post(`${padded} `), 413, 'too_large', /10000 bytes/)
  })
})
