import { expect, test } from 'vitest'
import { AnswerHead } from '../../src/http/answer-head.js'

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
  expect(new AnswerHead(raw).headers).toEqual(['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'Date', 'now'])
})

test('Trailer stays where trailers can follow', () => {
  expect(new AnswerHead(['Trailer', 'X-T']).trailer).toEqual([])
  expect(new AnswerHead(['Trailer', 'X-T', 'Transfer-Encoding', 'chunked']).trailer).toEqual(['Trailer', 'X-T'])
})

test('a Connection header cannot take the length away', () => {
  const head = new AnswerHead(['Connection', 'content-length', 'Content-Length', '3'])
  expect([head.headers, head.contentLength]).toEqual([['Content-Length', '3'], 3])
})

test('a Connection header cannot take the request id away', () => {
  const head = new AnswerHead(['Connection', 'x-request-id', 'X-Request-Id', 'a'])
  expect([head.headers, head.hasRequestId]).toEqual([['X-Request-Id', 'a'], true])
})
