import express from 'express'
import { describe, expect, test } from 'vitest'
import { type Context, defineMiddleware, MicroError, type Middleware } from '../../src/index.js'
import { httpNode } from '../kit/http-node.js'
import { register, startSidecar } from '../kit/sidecar.js'

async function withMiddleware(middleware: Middleware[], config: object = {}) {
  const node = await httpNode((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Node': '1' })
    response.end(`${request.method} ${request.url} ${request.headers['x-added'] ?? ''}`)
  })
  const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', middleware, ...config })
  await register(sidecar, 'ns.app', node.port)
  await register(sidecar, 'ns.other', node.port)
  return { node, sidecar, get: (path: string, init?: RequestInit) => fetch(`${sidecar.url}${path}`, init) }
}

describe('moments', () => {
  test('onRequest in order, onResponse in reverse', async () => {
    const seen: string[] = []
    const named = (name: string) =>
      defineMiddleware({
        name,
        onRequest: () => void seen.push(`${name} in`),
        onResponse: async () => void seen.push(`${name} out`),
      })
    const { get } = await withMiddleware([named('one'), named('two')])
    expect(await (await get('/app/x')).text()).toBe('GET /app/x ')
    expect(seen).toEqual(['one in', 'two in', 'two out', 'one out'])
  })

  test('the context tells what comes, and takes what is to be called', async () => {
    let given: Partial<Context> = {}
    const { get, sidecar } = await withMiddleware([
      {
        name: 'route',
        onRequest(context) {
          const { id, url, httpMethod, remoteAddress, handler, service, timeout } = context
          given = { id, url, httpMethod, remoteAddress, handler, service, timeout }
          context.service = 'ns.other'
          context.headers['x-added'] = 'yes'
          context.headers['x-removed'] = undefined
          context.state.set('a', 1)
        },
        onResponse(context) {
          if (context.response === undefined) return
          context.response.headers['x-from'] =
            `${context.service} ${context.state.get('a')} ${context.response.headers['x-node']}`
          context.response.status = 202
        },
      },
    ])
    await sidecar.registry.deregister({
      name: 'ns.app',
      version: '',
      metadata: {},
      endpoints: [],
      nodes: (await sidecar.registry.getService('ns.app'))[0]?.nodes ?? [],
    })
    const answer = await get('/app/x?y=1', { headers: { 'x-request-id': 'r1', 'x-removed': '1' } })
    expect([answer.status, await answer.text()]).toEqual([202, 'GET /app/x?y=1 yes'])
    expect(answer.headers.get('x-from')).toBe('ns.other 1 1')
    expect(given).toEqual({
      id: 'r1',
      url: '/app/x?y=1',
      httpMethod: 'GET',
      remoteAddress: '127.0.0.1',
      handler: 'proxy',
      service: 'ns.app',
      timeout: 15_000,
    })
  })

  test('onRequest may answer by itself: nothing is called, later ones do not run', async () => {
    const seen: string[] = []
    const { node, get } = await withMiddleware([
      { name: 'closed', onRequest: (context) => context.answer(418, { short: 'and stout' }, { 'x-tea': 'pot' }) },
      { name: 'later', onRequest: () => void seen.push('later') },
    ])
    const answer = await get('/app/x')
    expect([answer.status, answer.headers.get('x-tea'), await answer.json()]).toEqual([
      418,
      'pot',
      { short: 'and stout' },
    ])
    expect([node.requests.length, seen]).toEqual([0, []])
  })

  test('a timeout is only shortened, a node filter obeyed', async () => {
    const { get } = await withMiddleware([
      {
        name: 'strict',
        onRequest(context) {
          context.timeout = 1e9
          if (context.url.endsWith('none')) context.nodeFilter = () => false
        },
      },
    ])
    expect((await get('/app/x')).status).toBe(200)
    expect((await get('/app/none')).headers.get('micro-error')).toBe('no_node')
  })

  test('onError sees every failure and may replace it', async () => {
    const seen: string[] = []
    const { get } = await withMiddleware([
      { name: 'outer', onError: (_context, error) => void seen.push(error.message) },
      { name: 'inner', onError: () => new MicroError('shop', 410, 'gone for good') },
    ])
    const answer = await get('/missing/x')
    expect([answer.status, await answer.json()]).toEqual([
      410,
      { id: 'shop', code: 410, detail: 'gone for good', status: 'Gone' },
    ])
    expect(seen).toEqual(['gone for good'])
  })

  test.each(['onRequest', 'onResponse', 'onError'] as const)(
    'R27: a throw in %s is a 500 that names the middleware',
    async (moment) => {
      for (const boom of [
        () => {
          throw new Error('boom')
        },
        () => Promise.reject(new Error('boom')),
      ]) {
        const { get } = await withMiddleware([{ name: 'faulty', [moment]: boom }])
        const answer = await get(moment === 'onError' ? '/missing/x' : '/app/x')
        expect(answer.status).toBe(500)
        expect(answer.headers.get('micro-error')).toBe('internal')
        expect(((await answer.json()) as { detail: string }).detail).toBe('middleware faulty failed: boom')
      }
    },
  )

  test('a MicroError thrown is answered as it is', async () => {
    const { get } = await withMiddleware([
      {
        name: 'limit',
        onRequest() {
          throw new MicroError('shop', 429, 'slow down', { retryAfter: 7 })
        },
      },
    ])
    const answer = await get('/app/x')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
  })

  test('one that never ends is given up when the call would be', async () => {
    const stuck: Middleware = { name: 'stuck', onRequest: () => new Promise(() => {}) }
    const { get, node } = await withMiddleware([stuck], { client: { timeout: '80ms' } })
    const answer = await get('/app/x')
    expect([answer.status, answer.headers.get('micro-error')]).toEqual([504, 'timeout'])
    expect(node.requests).toHaveLength(0)
  })

  test('S13: a header that would break the request is a fault of the middleware', async () => {
    const { get, node } = await withMiddleware([
      {
        name: 'faulty',
        onRequest(context) {
          context.headers['x-a'] = 'a\r\nHost: b'
        },
      },
    ])
    const answer = await get('/app/x')
    expect([answer.status, answer.headers.get('micro-error')]).toEqual([500, 'internal'])
    expect(node.requests).toHaveLength(0)
  })

  test('a large answer waits for a slow onResponse without loss', async () => {
    const body = 'x'.repeat(3_000_000)
    const node = await httpNode((_request, response) => response.end(body))
    const slow: Middleware = { name: 'slow', onResponse: () => new Promise((resolve) => setTimeout(resolve, 30)) }
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', middleware: [slow] })
    await register(sidecar, 'ns.app', node.port)
    expect((await (await fetch(`${sidecar.url}/app/x`)).text()).length).toBe(body.length)
  })

  test('rpc mode: method and service can be changed, /rpc does not go around', async () => {
    const node = await httpNode((_request, response) => response.end('{"id":0,"result":{},"error":null}'))
    const gate: Middleware = {
      name: 'gate',
      onRequest(context) {
        if (context.method === 'Say.Secret') context.answer(403)
        context.method = 'Say.Other'
      },
    }
    const sidecar = await startSidecar({ middleware: [gate] })
    await register(sidecar, 'go.micro.srv.greeter', node.port, { protocol: 'mucp' })
    const headers = { 'Content-Type': 'application/json' }
    const post = (path: string, body: string) => fetch(`${sidecar.url}${path}`, { method: 'POST', body, headers })
    expect((await post('/greeter/say/hello', '{}')).status).toBe(200)
    expect(node.requests[0]?.headers['micro-method']).toBe('Say.Other')
    expect((await post('/rpc', '{"service":"go.micro.srv.greeter","method":"Say.Secret"}')).status).toBe(403)
  })
})

describe('Express functions', () => {
  test('stand in front of traffic, with Express request and response', async () => {
    const { get } = await withMiddleware([
      (request, response, next) => {
        const { query } = request as express.Request
        if (query.deny !== undefined) (response as express.Response).status(401).json({ denied: query.deny })
        else next()
      },
    ])
    const denied = await get('/app/x?deny=1')
    expect([denied.status, await denied.json()]).toEqual([401, { denied: '1' }])
    expect((await get('/app/x')).status).toBe(200)
  })

  test('what they change on the request counts', async () => {
    const { get } = await withMiddleware([
      (request, response, next) => {
        request.headers['x-added'] = 'by express'
        request.url = '/other/y'
        response.setHeader('x-early', '1')
        next()
      },
    ])
    const answer = await get('/app/x')
    expect(await answer.text()).toBe('GET /other/y by express')
    expect(answer.headers.get('x-early')).toBe('1')
  })

  test('an error handed to next, or thrown, is a 500 in the error form', async () => {
    for (const fault of [
      ((_request, _response, next) => next(new Error('boom'))) as Middleware,
      (() => {
        throw new Error('boom')
      }) as Middleware,
    ]) {
      const { get } = await withMiddleware([fault])
      const answer = await get('/app/x')
      expect([answer.status, answer.headers.get('micro-error')]).toEqual([500, 'internal'])
    }
  })

  test('a body that a parser has eaten is named in the error', async () => {
    const sidecar = await startSidecar({ middleware: [express.json()] })
    const node = await httpNode((_request, response) => response.end('{}'))
    await register(sidecar, 'go.micro.srv.greeter', node.port)
    const answer = await fetch(`${sidecar.url}/greeter/say/hello`, {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(answer.status).toBe(500)
    expect(((await answer.json()) as { detail: string }).detail).toContain('middleware has read the request body')
  })
})

test('a context header list that middleware left alone keeps order and repetition', async () => {
  const { node, get } = await withMiddleware([{ name: 'noop', onRequest() {} }])
  await get('/app/x?a=b', {
    headers: [
      ['X-B', '1'],
      ['X-A', '2'],
      ['X-B', '3'],
    ],
  })
  expect(node.requests[0]?.headers).toMatchObject({ 'x-b': '1, 3', 'x-a': '2' })
})
