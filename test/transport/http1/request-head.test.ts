import { expect, test } from 'vitest'
import { fieldLines, requestHead } from '../../../src/transport/http1/request-head.js'
import type { WireBody, WireRequest } from '../../../src/transport/transport.js'

const of = (request: Partial<WireRequest>) =>
  requestHead({ method: 'GET', path: '/', headers: [], body: null, ...request })
const lengthOf = (length: number | undefined) => ({ length }) as WireBody

test('request line, headers in order, framing last', () => {
  const headers = ['Host', 'a', 'x', '', 'X', 'b']
  expect(of({ method: 'PUT', path: '/a?b', headers, body: new Uint8Array(3) })).toBe(
    'PUT /a?b HTTP/1.1\r\nHost: a\r\nx: \r\nX: b\r\nContent-Length: 3\r\n\r\n',
  )
})

test('S1: a header that would frame the request a second time is refused', () => {
  for (const name of ['Content-Length', 'content-length', 'Transfer-Encoding', 'TRANSFER-ENCODING']) {
    expect(of({ headers: [name, '3'] })).toBeUndefined()
  }
  expect(of({ headers: ['Content-Lengths', '3', 'Transfer_Encoding', 'x', 'X-Content-Len', '4'] })).toBeDefined()
})

test('S1: a length that is none is refused', () => {
  for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(of({ method: 'POST', body: lengthOf(length) })).toBeUndefined()
  }
  expect(of({ method: 'POST', body: lengthOf(0) })).toContain('\r\nContent-Length: 0\r\n')
})

test('CONNECT is refused: there would be a tunnel behind it', () => {
  expect(of({ method: 'CONNECT', path: 'a:1' })).toBeUndefined()
})

test('S13: every byte that could end a line, or that latin1 would turn into one, is refused in a value', () => {
  for (let code = 0; code < 0x600; code++) {
    const allowed = code === 9 || (code >= 0x20 && code <= 0x7e) || (code >= 0x80 && code <= 0xff)
    expect([code, fieldLines(['x', `a${String.fromCharCode(code)}b`]) !== undefined]).toEqual([code, allowed])
  }
})

test('a list of odd length ends with an empty value', () => {
  expect(fieldLines(['x'])).toBe('x: \r\n')
})
