import { describe, expect, test } from 'vitest'
import { MicroError, type Middleware, type MomentMiddleware } from '../../src/index.js'
import { httpNode } from '../kit/http-node.js'
import { rawCaller } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const unshowable = Object.create(null)

async function setUp(handler: 'rpc' | 'proxy', middleware: Middleware, more: object = {}) {
  const node = await httpNode((_request, response) => {
    response.setHeader('Content-Type', 'application/json')
    response.end('{"id":1,"result":{"a":"b"}}')
  })
  const sidecar = await startSidecar({ handler, middleware: [middleware], client: { timeout: 2000 }, ...more })
  await register(sidecar, 'go.micro.srv.app', node.port)
  const call = (service = 'app') =>
    fetch(`${sidecar.url}/${service}/say/hello`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
  return { node, sidecar, call }
}

const handlers = ['rpc', 'proxy'] as const

describe.each(handlers)('R27: what a middleware does wrong is a 500 (%s)', (handler) => {
  const faults: readonly (readonly [string, Partial<MomentMiddleware>])[] = [
    ['throws what cannot be shown', { onRequest: () => Promise.reject(unshowable) }],
    ['a service that is none', { onRequest: (context) => void Object.assign(context, { service: undefined }) }],
    ['a method that is none', { onRequest: (context) => void Object.assign(context, { method: { toString: null } }) }],
    ['a timeout that is none', { onRequest: (context) => void Object.assign(context, { timeout: '5s' }) }],
    ['headers that are none', { onRequest: (context) => void Object.assign(context, { headers: null }) }],
    ['answers a status that is none', { onRequest: (context) => context.answer(99, 'x') }],
    ['answers 101', { onRequest: (context) => context.answer(101) }],
    ['answers a line break in a header', { onRequest: (context) => context.answer(200, 'x', { a: 'b\r\nc: d' }) }],
    [
      'makes the status one that is none',
      { onResponse: ({ response }) => void Object.assign(response ?? {}, { status: 1 }) },
    ],
    ['makes the status 101', { onResponse: ({ response }) => void Object.assign(response ?? {}, { status: 101 }) }],
    ['throws what cannot be shown, later', { onResponse: () => Promise.reject(unshowable) }],
  ]

  test.each(faults)('%s', async (_name, moments) => {
    const { call } = await setUp(handler, { name: 'faulty', ...moments })
    const answer = await call()
    expect(answer.status).toBe(500)
    expect(answer.headers.get('micro-error')).toBe('internal')
    expect(await answer.json()).toMatchObject({ id: 'go.micro.sidecar', code: 500 })
  })

  const errors: readonly (readonly [string, unknown])[] = [
    ['a code that is no status', new MicroError('x', 7, 'd')],
    ['a detail that is no JSON', Object.assign(new MicroError('x', 500, 'd'), { detail: 5n })],
    ['a reason that is no header', Object.assign(new MicroError('x', 500, 'd'), { reason: 'a\r\nb: c' })],
    ['what cannot be shown', unshowable],
  ]

  test.each(errors)('onError returns %s', async (_name, error) => {
    const { call } = await setUp(handler, { name: 'faulty', onError: () => error as Error })
    const answer = await call('nobody')
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ id: 'go.micro.sidecar', code: 500 })
  })
})

describe.each(handlers)('R27: what an Express function does wrong (%s)', (handler) => {
  test('one that throws what cannot be shown', async () => {
    const { call } = await setUp(handler, () => {
      throw unshowable
    })
    expect((await call()).status).toBe(500)
  })

  test('one that calls next twice sends the request on once', async () => {
    const { call, node } = await setUp(handler, (_request, _response, next) => {
      next()
      next()
    })
    expect((await call()).status).toBe(200)
    expect(node.requests).toHaveLength(1)
  })

  test('one that answers and calls next has answered', async () => {
    const { call, node } = await setUp(handler, (_request, response, next) => {
      response.end('mine')
      next()
    })
    expect(await (await call()).text()).toBe('mine')
    expect(node.requests).toHaveLength(0)
  })

  test('one that begins to answer and calls next: the answer is cut, and nothing is called', async () => {
    const { call, node, sidecar } = await setUp(handler, (_request, response, next) => {
      response.writeHead(200)
      response.write('x')
      next()
    })
    await expect(call().then((answer) => answer.text())).rejects.toThrow()
    expect(node.requests).toHaveLength(0)
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
  })

  test('one that begins to answer when it has called next already', async () => {
    const { call, sidecar } = await setUp(handler, (_request, response, next) => {
      next()
      response.writeHead(200)
      response.write('x')
    })
    await expect(call().then((answer) => answer.text())).rejects.toThrow()
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
  })
})

describe('an empty answer has no length', () => {
  const upTo204: readonly (readonly [string, Partial<MomentMiddleware>])[] = [
    ['answered', { onRequest: (context) => context.answer(204, 'x') }],
    ['made so', { onResponse: ({ response }) => void Object.assign(response ?? {}, { status: 204 }) }],
  ]

  test.each(upTo204)('204 %s by a middleware', async (_name, moments) => {
    const { sidecar } = await setUp('proxy', { name: 'empty', ...moments })
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2))
    const text = await caller.until(/HTTP\/1.1 204 [\s\S]*HTTP\/1.1 204 [\s\S]*\r\n\r\n/)
    expect(text).not.toMatch(/content-length/i)
  })
})

describe('R27: an upgrade whose first node is dead, and what throws at the second choice', () => {
  const throwing = (after: number) => {
    let count = 0
    return () => {
      if (count++ < after) return true
      throw new Error('no second time')
    }
  }
  const onlyOnce = throwing(1)
  const balancer = {
    name: 'once',
    pick<T>(candidates: readonly T[]): T {
      onlyOnce()
      return candidates[0] as T
    },
  }
  const filter: MomentMiddleware = {
    name: 'filter',
    onRequest(context) {
      context.nodeFilter = throwing(3)
    },
  }

  test.each([
    ['a balancer', { client: { retries: 2, balancer } }],
    ['a node filter', { client: { retries: 2 }, middleware: [filter] }],
  ])('%s', async (_name, config) => {
    const sidecar = await startSidecar({ handler: 'proxy', ...config })
    const nodes = [1, 2, 3].map((port) => ({ id: `n${port}`, address: '127.0.0.1', port, metadata: {} }))
    await sidecar.registry.register({ name: 'go.micro.srv.app', version: '', metadata: {}, endpoints: [], nodes })
    const upgrade = 'GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const text = await rawCaller(sidecar.url).send(upgrade).end()
    expect(text).toMatch(/^HTTP\/1\.1 500 /)
    expect(text).toContain('no second time')
  })
})
