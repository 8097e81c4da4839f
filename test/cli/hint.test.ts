import { describe, expect, test } from 'vitest'
import { hintLines, type Surroundings } from '../../src/cli/hint.js'
import type { Service, Value } from '../../src/registry/registry.js'

const NAME: Value = { name: 'name', type: 'string', values: null }

describe('what to try next', () => {
  test('a registered service with an endpoint is called by path', () => {
    expect(first({ services: [service('go.micro.srv.greeter', 'Say.Hello', [NAME])] })).toBe(
      `curl -d '{"name":"John"}' -H 'Content-Type: application/json' http://127.0.0.1:8081/greeter/say/hello`,
    )
  })

  test.each([
    ['go.micro.srv.foo', 'Bar.BazXyz', '/foo/bar/baz-xyz'],
    ['go.micro.srv.v1.foo', 'Bar.Baz', '/v1/foo/bar/baz'],
    ['go.micro.srv.foo.bar', 'Baz.Cat', '/foo/bar/baz/cat'],
  ])('%s %s is %s', (name, method, path) => {
    expect(first({ services: [service(name, method)] })).toContain(`http://127.0.0.1:8081${path}`)
  })

  test('the proxy handler is called by the first part of the path', () => {
    expect(first({ handler: 'proxy', services: [service('go.micro.srv.v1.foo')] })).toBe(
      'curl http://127.0.0.1:8081/v1/foo',
    )
  })

  test('where nothing is registered, it shows how to register', () => {
    const lines = hintLines(around({ services: [] }))
    expect(lines[0]).toMatch(/^curl -d '\{"name":"go.micro.srv.greeter","nodes":\[.*' .*\/registry$/)
    expect(lines[1]).toBe('curl http://127.0.0.1:8081/registry')
  })

  test('services that no path reaches are only listed', () => {
    for (const name of ['other.greeter', 'go.micro.srv.v1', 'go.micro.srv.a b', "go.micro.srv.$(x)'"]) {
      expect(hintLines(around({ services: [service(name, 'Say.Hello')] }))).toEqual([
        'curl http://127.0.0.1:8081/registry',
      ])
    }
    expect(hintLines(around({ services: [service('go.micro.srv.greeter', 'hello')] }))).toHaveLength(1)
  })

  test('admin paths are given the token, every interface is reached at loopback, a socket by its path', () => {
    const listing = (over: Partial<Surroundings>) => hintLines(around({ services: [service('x')], ...over })).at(-1)
    expect(listing({ guarded: true })).toBe('curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8081/registry')
    expect(listing({ url: 'http://[::]:80' })).toBe('curl http://127.0.0.1:80/registry')
    expect(listing({ url: 'unix:/run/s.sock' })).toBe('curl --unix-socket /run/s.sock http://localhost/registry')
  })
})

function first(over: Partial<Surroundings>): string {
  return hintLines(around(over))[0] ?? ''
}

function around(over: Partial<Surroundings>): Surroundings {
  const base = {
    url: 'http://127.0.0.1:8081',
    handler: 'rpc',
    namespace: 'go.micro.srv',
    services: [],
    guarded: false,
  } as const
  return { ...base, ...over }
}

function service(name: string, endpoint?: string, values: Value[] = []): Service {
  const request = { name: 'Request', type: 'Request', values }
  const endpoints = endpoint === undefined ? [] : [{ name: endpoint, request, response: null, metadata: {} }]
  return { name, version: '', metadata: {}, endpoints, nodes: [] }
}
