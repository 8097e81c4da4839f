import { describe, expect, test } from 'vitest'
import { cleanPath } from '../../src/router/clean-path.js'
import { mapProxy, mapRpc, rpcPathForm } from '../../src/router/mapping.js'

const rpc = (path: string) => {
  const route = mapRpc(path, 'NS')
  return route === undefined ? undefined : [route.service, route.method]
}

describe('rpc handler', () => {
  test.each([
    ['/foo/bar', 'NS.foo', 'Foo.Bar'],
    ['/foo/foo/bar', 'NS.foo', 'Foo.Bar'],
    ['/foo/bar/baz', 'NS.foo', 'Bar.Baz'],
    ['/foo/bar/baz-xyz', 'NS.foo', 'Bar.BazXyz'],
    ['/foo/bar/baz/cat', 'NS.foo.bar', 'Baz.Cat'],
    ['/foo/bar/baz/cat/car', 'NS.foo.bar.baz', 'Cat.Car'],
    ['/v1/foo/bar', 'NS.v1.foo', 'Foo.Bar'],
    ['/v1/foo/bar/baz', 'NS.v1.foo', 'Bar.Baz'],
    ['/v1/foo/bar/baz/cat', 'NS.v1.foo.bar', 'Baz.Cat'],
  ])('the contract: %s', (path, service, method) => {
    expect(rpc(path)).toEqual([service, method])
  })

  test.each([
    ['/v2/foo', 'NS.v2', 'V2.Foo'],
    ['/v12/foo/bar', 'NS.v12.foo', 'Foo.Bar'],
    ['/v/foo/bar', 'NS.v', 'Foo.Bar'],
    ['/v1a/foo/bar', 'NS.v1a', 'Foo.Bar'],
    ['/V1/foo/bar', 'NS.V1', 'Foo.Bar'],
    ['/foo/v1/bar', 'NS.foo', 'V1.Bar'],
    ['/foo-bar/baz', 'NS.foo-bar', 'FooBar.Baz'],
    ['/foo/a--b/-c-', 'NS.foo', 'AB.C'],
    ['/foo/sayHello/getURL', 'NS.foo', 'SayHello.GetURL'],
    ['/foo/2fa/_x', 'NS.foo', '2fa._x'],
    ['/foo.bar/baz~1', 'NS.foo.bar', 'Foo.bar.Baz~1'],
    ['/foo/say.hello', 'NS.foo', 'Foo.Say.hello'],
    ['/__proto__/constructor', 'NS.__proto__', '__proto__.Constructor'],
  ])('odd names: %s', (path, service, method) => {
    expect(rpc(path)).toEqual([service, method])
  })

  test.each([
    ['/foo/bar/', 'NS.foo', 'Foo.Bar'],
    ['//foo///bar//', 'NS.foo', 'Foo.Bar'],
    ['/./foo/./bar/.', 'NS.foo', 'Foo.Bar'],
    ['/x/../foo/bar', 'NS.foo', 'Foo.Bar'],
    ['/../../foo/bar', 'NS.foo', 'Foo.Bar'],
    ['/foo/bar/baz/..', 'NS.foo', 'Foo.Bar'],
    ['/foo/...', 'NS.foo', 'Foo....'],
  ])('cleaned as in Go: %s', (path, service, method) => {
    expect(rpc(path)).toEqual([service, method])
  })

  test.each([
    '',
    '/',
    '//',
    '/foo',
    '/foo/',
    '/foo/.',
    '/foo/..',
    '/foo/bar/..',
    '/..',
    'foo/bar',
    '*',
    'a',
    '/foo/-',
    '/-/x',
  ])('no route: %j', (path) => {
    expect(rpc(path)).toBeUndefined()
  })

  test.each([
    '/foo%2fbar/baz',
    '/foo%2Fbar/baz',
    '/foo/%2e%2e/bar',
    '/foo/ba%72',
    '/foo/b%00r',
    '/foo/b%0d%0ar',
    '/foo/b%25',
    '/foo/b%',
    '/foo%23/bar',
    '/foo%3f/bar',
    '/foo\\bar/baz',
    '/foo%5cbar/baz',
    '/foo;x=1/bar',
    '/foo/bar;',
    '/.;/foo/bar',
    '/..;/foo/bar',
    '/foo/b r',
    '/foo/b\tr',
    '/foo/b\u0000r',
    '/foo/b\r\nr',
    '/foo/bär',
    '/foo/漢',
    '/foo/bar?x',
    '/foo/bar#x',
    '/foo/b"r',
    "/foo/b'r",
    '/foo/b<r',
    '/foo/$b',
    '/foo/b@r',
    '/foo/b:r',
    '/foo/b,r',
    '/foo/b+r',
    '/foo/b*r',
    '/foo/(b)',
    '/foo/b\u2028',
    '/x%2f../foo/bar',
    '/x%2f/../foo/bar',
    '/%2e/../foo/bar',
  ])('S11: what no name holds makes no route, and nothing is decoded: %j', (path) => {
    expect(rpc(path)).toBeUndefined()
  })

  test('an empty namespace adds nothing', () => {
    expect(mapRpc('/greeter/say/hello', '')).toEqual({ service: 'greeter', method: 'Say.Hello' })
  })

  test('S15: a path as long as the limits allow takes no time', () => {
    const started = performance.now()
    for (const path of ['/a'.repeat(30_000), '/'.repeat(60_000), `/a/${'-'.repeat(60_000)}`, '/..'.repeat(20_000)])
      rpc(path)
    expect(rpc(`/a/${'b'.repeat(60_000)}%`)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('proxy handler', () => {
  test.each([
    ['/f', 'NS.f'],
    ['/foo-bar', 'NS.foo-bar'],
    ['/foo/bar/bar', 'NS.foo'],
    ['/v1/foo/bar', 'NS.v1.foo'],
    ['/v1/foo/bar/baz/cat', 'NS.v1.foo'],
  ])('the contract: %s', (path, service) => {
    expect(mapProxy(path, 'NS')).toBe(service)
  })

  test.each([
    ['/v1', 'NS.v1'],
    ['/v1/foo', 'NS.v1.foo'],
    ['/foo/', 'NS.foo'],
    ['/foo//bar', 'NS.foo'],
    ['/foo/%2e%2e/b?', 'NS.foo'],
    ['/foo/../../registry', 'NS.foo'],
    ['/Foo9-a-B/x', 'NS.Foo9-a-B'],
    ['/constructor', 'NS.constructor'],
  ])('odd names: %s', (path, service) => {
    expect(mapProxy(path, 'NS')).toBe(service)
  })

  test.each([
    '',
    '/',
    '//',
    '//foo',
    '/v1/',
    '/v1//foo',
    '/v1/%66oo',
    '/.',
    '/..',
    '/./foo',
    '/../foo',
    '/-foo',
    '/foo-',
    '/foo--bar',
    '/foo_bar',
    '/foo.bar',
    '/__proto__',
    '/f%6fo',
    '/foo%2fbar',
    '/foo;x',
    '/foo\\bar',
    '/foo bar',
    '/fo\u00f6',
    '/foo\n',
    'foo',
    '*',
    'foo/bar',
  ])('S11: no service: %j', (path) => {
    expect(mapProxy(path, 'NS')).toBeUndefined()
  })

  test('an empty namespace adds nothing', () => {
    expect(mapProxy('/v1/foo', '')).toBe('v1.foo')
  })

  test('S15: a long name takes no time', () => {
    const started = performance.now()
    expect(mapProxy(`/${'a-'.repeat(30_000)}`, 'NS')).toBeUndefined()
    expect(mapProxy(`/${'a'.repeat(60_000)}!`, 'NS')).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(500)
  })
})

test('paths are cleaned as by path.Clean', () => {
  const cases = [
    ['/', '/'],
    ['/abc', '/abc'],
    ['/abc/', '/abc'],
    ['/abc//def', '/abc/def'],
    ['//abc', '/abc'],
    ['/abc/./def', '/abc/def'],
    ['/./abc/def', '/abc/def'],
    ['/abc/def/ghi/../jkl', '/abc/def/jkl'],
    ['/abc/def/../ghi/../jkl', '/abc/jkl'],
    ['/abc/def/../../..', '/'],
    ['/abc/def/../../../ghi', '/ghi'],
    ['/abc/./../def', '/def'],
    ['/abc//./../def', '/def'],
  ] as const
  for (const [path, clean] of cases) expect(cleanPath(path)).toBe(clean)
})

test('the sentence shows the form', () => {
  expect(rpcPathForm).toContain('/greeter/say/hello')
})
