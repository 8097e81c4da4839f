import { describe, expect, test } from 'vitest'
import { bodyOf, httpNode } from '../kit/http-node.js'
import { rawCaller } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const service = { name: 'a', nodes: [{ id: 'a1', address: '127.0.0.1', port: 7000 }] }
const json = { 'Content-Type': 'application/json' }

describe('fixed paths', () => {
  test('win over services of the same name', async () => {
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
    await register(sidecar, 'ns.registry', 1)
    const answer = await sidecar.fetch('/registry')
    expect(await answer.json()).toMatchObject([{ name: 'ns.registry' }])
  })

  test.each(['/stats'])('%s says that it comes later', async (path) => {
    const sidecar = await startSidecar()
    const answer = await sidecar.fetch(path)
    expect(answer.status).toBe(501)
    expect(((await answer.json()) as { detail: string }).detail).toContain('not available in this version')
  })

  test.each([
    ['/health', 200],
    ['/livez', 200],
    ['/readyz', 200],
    ['/health/more', 404],
    ['/HEALTH', 405],
  ])('%s: %i', async (path, status) => {
    const sidecar = await startSidecar()
    const answer = await sidecar.fetch(path)
    expect(answer.status).toBe(status)
    if (status === 200)
      expect(await answer.json()).toMatchObject({ status: 'ok', registry: { name: 'memory' }, draining: false })
  })

  test('S11: encoding, doubling and absolute form lead around no guard', async () => {
    const sidecar = await startSidecar({ auth: { token: 'sesame' } })
    for (const target of [
      '/registry',
      '/registry?x',
      '/registry/',
      'http://a/registry',
      '/%72egistry',
      '//registry',
      '/./registry',
      '/x/../registry',
      '/rpc',
      '/registry%2f',
    ]) {
      const caller = rawCaller(sidecar.url)
      const text = await caller.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`).end()
      expect(text).toMatch(/^HTTP\/1\.1 (401|404|405)/)
      expect(text).not.toContain('\r\n\r\n[')
    }
  })

  test('CONNECT is refused', async () => {
    const sidecar = await startSidecar()
    const text = await rawCaller(sidecar.url).send('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n').end()
    expect(text).toMatch(/^HTTP\/1\.1 405 [\s\S]*micro-error: no_route/)
  })
})

describe('S8: the token', () => {
  test.each(['/registry', '/rpc', '/broker', '/stats', '/metrics'])('%s: none 401, wrong 403', async (path) => {
    const sidecar = await startSidecar({ auth: { token: 'sesame' } })
    expect((await sidecar.fetch(path)).status).toBe(401)
    expect((await sidecar.fetch(path, { headers: { Authorization: 'Bearer wrong' } })).status).toBe(403)
    expect([401, 403]).not.toContain(
      (await sidecar.fetch(path, { headers: { Authorization: 'Bearer sesame' } })).status,
    )
    expect((await sidecar.fetch('/health')).status).toBe(200)
  })

  test('guards the upgrade too, and never reaches a node', async () => {
    const sidecar = await startSidecar({ auth: { token: 'sesame' } })
    const node = await httpNode(async (request, response) => {
      await bodyOf(request)
      response.end('{"id":0,"result":{},"error":null}')
    })
    await register(sidecar, 'go.micro.srv.a', node.port)
    const upgrade =
      'GET /registry HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
    expect(await rawCaller(sidecar.url).send(`${upgrade}\r\n`).end()).toMatch(/^HTTP\/1\.1 401/)
    await rawCaller(sidecar.url)
      .send(`${upgrade}Authorization: Bearer sesame\r\n\r\n`)
      .until(/^HTTP\/1\.1 101/)
    const headers = { ...json, Authorization: 'Bearer sesame' }
    const body = '{"service":"go.micro.srv.a","method":"A.B"}'
    expect((await sidecar.fetch('/rpc', { method: 'POST', headers, body })).status).toBe(200)
    expect(node.requests[0]?.headers).not.toHaveProperty('authorization')
  })
})

describe('S10: a web page cannot drive it', () => {
  test('a foreign Origin is 403 and changes nothing; the same host and no Origin pass', async () => {
    const sidecar = await startSidecar()
    const post = (origin?: string) =>
      sidecar.fetch('/registry', {
        method: 'POST',
        body: JSON.stringify(service),
        headers: { ...json, ...(origin === undefined ? {} : { Origin: origin }) },
      })
    for (const origin of ['http://evil.example', 'null']) expect((await post(origin)).status).toBe(403)
    expect(await sidecar.registry.listServices()).toEqual([])
    expect((await post(sidecar.url)).status).toBe(200)
    expect((await post()).status).toBe(200)
  })

  test('a foreign Host on a loopback listener is 421', async () => {
    const sidecar = await startSidecar()
    const ask = (host: string) =>
      rawCaller(sidecar.url).send(`GET /registry HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`).end()
    expect(await ask('rebound.example')).toMatch(/^HTTP\/1\.1 421/)
    for (const host of ['localhost', '127.0.0.1:8081', '[::1]:8081']) expect(await ask(host)).toMatch(/^HTTP\/1\.1 200/)
  })

  test('CORS: an allowed origin is echoed, a wildcard never has credentials, preflights are answered', async () => {
    const sidecar = await startSidecar({ cors: ['http://shop.example'] })
    const preflight = await sidecar.fetch('/greeter/say/hello', {
      method: 'OPTIONS',
      headers: { Origin: 'http://shop.example' },
    })
    expect(preflight.status).toBe(200)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://shop.example')
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true')
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST, GET, OPTIONS, PUT, DELETE')
    const other = await sidecar.fetch('/health', { headers: { Origin: 'http://evil.example' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    const open = await startSidecar({ cors: ['*'] })
    const answer = await open.fetch('/health', { headers: { Origin: 'http://any.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })
})
