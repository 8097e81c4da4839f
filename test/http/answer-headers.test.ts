import { expect, test } from 'vitest'
import { endToEnd } from '../../src/http/answer-headers.js'

test('S19: an answer loses its hop-by-hop headers and nothing else', () => {
  const raw = [
    ...[
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'Connection',
      'close, X-Hop',
      'X-Hop',
      '1',
      'Keep-Alive',
      'timeout=5',
    ],
    ...['Transfer-Encoding', 'chunked', 'Proxy-Authenticate', 'x', 'Upgrade', 'h2c', 'Trailer', 'X-T', 'Date', 'now'],
  ]
  expect(endToEnd(raw, false)).toEqual(['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'Date', 'now'])
})

test('Trailer stays where trailers can follow', () => {
  expect(endToEnd(['Trailer', 'X-T'], true)).toEqual(['Trailer', 'X-T'])
})

test('a Connection header cannot take the length away', () => {
  expect(endToEnd(['Connection', 'content-length', 'Content-Length', '3'], false)).toEqual(['Content-Length', '3'])
})
