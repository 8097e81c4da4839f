import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { RequestHead } from '../../src/http/request-head.js'

function head(rawHeaders: string[], httpVersionMinor = 1, httpVersionMajor = 1): RequestHead {
  const request: Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'> = {
    rawHeaders,
    httpVersionMajor,
    httpVersionMinor,
  }
  return new RequestHead(request)
}

describe('what travels on', () => {
  test('end-to-end headers keep order, spelling and repetition', () => {
    const raw = ['Host', 'a', 'X-One', '1', 'cookie', 'a=1', 'Cookie', 'b=2', 'x-one', '3']
    expect(head(raw).headers).toEqual(raw)
  })

  test('S19: hop-by-hop headers end here, with what Connection names', () => {
    const given = head([
      ...['Host', 'a', 'Connection', 'close, X-Secret , keep-alive', 'X-Secret', '1', 'Keep-Alive', 'timeout=5'],
      ...[
        'Proxy-Authorization',
        'x',
        'Proxy-Connection',
        'x',
        'Proxy-Foo',
        'x',
        'TE',
        'gzip',
        'Upgrade',
        'h2c',
        'Accept',
        '*/*',
      ],
    ])
    expect(given.headers).toEqual(['Host', 'a', 'Accept', '*/*'])
  })

  test('S19: naming Host or X-Forwarded-For in Connection removes neither', () => {
    const given = head(['Host', 'a', 'Connection', 'host, x-forwarded-for', 'X-Forwarded-For', '1.2.3.4'])
    expect(given.headers).toEqual(['Host', 'a'])
    expect(given.forwardedFor).toBe('1.2.3.4')
  })

  test('TE: trailers is understood', () => {
    expect(head(['Host', 'a', 'TE', 'gzip, Trailers']).acceptsTrailers).toBe(true)
    expect(head(['Host', 'a', 'TE', 'notrailers']).acceptsTrailers).toBe(false)
  })
})

describe('S1: framing that can be read in two ways', () => {
  test.each([
    ['two hosts', ['Host', 'a', 'Host', 'a']],
    ['no host', ['Accept', '*/*']],
    ['both lengths', ['Host', 'a', 'Content-Length', '1', 'Transfer-Encoding', 'chunked']],
    ['two lengths', ['Host', 'a', 'Content-Length', '1', 'Content-Length', '1']],
    ['a list of lengths', ['Host', 'a', 'Content-Length', '1, 1']],
    ['a signed length', ['Host', 'a', 'Content-Length', '+1']],
    ['an empty coding before chunked', ['Host', 'a', 'Transfer-Encoding', ',chunked']],
    ['another coding before chunked', ['Host', 'a', 'Transfer-Encoding', 'deflate, chunked']],
    ['identity', ['Host', 'a', 'Transfer-Encoding', 'identity']],
    ['two codings', ['Host', 'a', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    ['a look-alike', ['Host', 'a', 'Transfer_Encoding', 'chunked']],
  ])('%s', (_name, raw) => {
    expect(head(raw).fault).toBeTypeOf('string')
  })

  test('chunked in HTTP/1.0', () => {
    expect(head(['Transfer-Encoding', 'chunked'], 0).fault).toBeTypeOf('string')
  })

  test('what is plain passes', () => {
    expect(head(['Host', 'a', 'Transfer-Encoding', 'Chunked']).fault).toBeUndefined()
    expect(head(['Host', 'a', 'Content-Length', '0']).fault).toBeUndefined()
    expect(head([], 0).fault).toBeUndefined()
  })
})

describe('deadlines', () => {
  test.each([
    ['Timeout', '1500000000', 1500],
    ['micro-timeout-ms', '250', 250],
    ['grpc-timeout', '100m', 100],
    ['grpc-timeout', '2S', 2000],
    ['grpc-timeout', '1H', 3_600_000],
    ['grpc-timeout', '5000000n', 5],
  ])('%s: %s', (name, value, timeout) => {
    expect(head(['Host', 'a', name, value]).timeout).toBe(timeout)
  })

  test('the shortest counts, and what cannot be read does not', () => {
    expect(head(['Host', 'a', 'Timeout', '1000000000', 'micro-timeout-ms', '30']).timeout).toBe(30)
    for (const value of ['', '-1', 'x', '1e3', '99999999999999999999']) {
      expect(
        head(['Host', 'a', 'Timeout', value, 'grpc-timeout', value, 'micro-timeout-ms', value]).timeout,
      ).toBeUndefined()
    }
  })
})

describe('S1: who is asked, and in which protocol, can be read in one way only', () => {
  test.each(['a, b', 'a@b', 'a/b', 'a?b', 'a#b', 'a b', 'a\\b'])('Host: %s', (host) => {
    expect(head(['Host', host]).fault).toBeTypeOf('string')
  })

  test.each(['', 'a', 'a:80', '[::1]:80', '127.0.0.1', 'a_b.c-d', 'b\xfccher'])('Host: %s is one', (host) => {
    expect(head(['Host', host]).fault).toBeUndefined()
  })

  test.each([0, 2])('HTTP/%i', (major) => {
    expect(head(['Host', 'a'], 0, major).fault).toBeTypeOf('string')
  })
})
