import { describe, expect, test } from 'vitest'
import { malformedAnswer, refuseFailure } from '../../src/codec/answer-error.js'
import { excerpt, shortened } from '../../src/codec/excerpt.js'
import { serviceError } from '../../src/codec/service-error.js'
import { caught } from './caught.js'

const answered = (status: number, body: string) =>
  caught(() => refuseFailure({ status, headers: [], body: Buffer.from(body) }))

describe('serviceError', () => {
  test.each([
    ['{"id":"x","code":404,"detail":"d","status":"s"}', { id: 'x', code: 404, detail: 'd', status: 's' }],
    ['{"Id":"x","CODE":404,"Detail":"d"}', { id: 'x', code: 404, detail: 'd', status: 'Not Found' }],
    ['{"code":404}', { id: 'go.micro.api', code: 404, detail: '', status: 'Not Found' }],
    ['{"id":"","code":404,"detail":"d","status":5}', { id: '', code: 404, detail: 'd', status: 'Not Found' }],
    ['{"id":"x","code":499,"detail":"d"}', { id: 'x', code: 499, detail: 'd', status: '' }],
    [
      '{"id":"x","code":12,"detail":"d","status":"s"}',
      { id: 'x', code: 500, detail: 'd', status: 'Internal Server Error' },
    ],
  ])('%s', (text, form) => {
    expect(serviceError(text).toJSON()).toEqual(form)
  })

  test('what is no form is shown whole, up to a limit', () => {
    expect(serviceError('{"other":1}').detail).toBe('error during request: {"other":1}')
    expect(serviceError('x'.repeat(20_000)).detail).toHaveLength('error during request: '.length + 8_192 + 1)
    expect(serviceError(`{"code":404,"detail":"${'x'.repeat(70_000)}"}`).code).toBe(500)
  })
})

describe('refuseFailure', () => {
  test('200 is fine', () => {
    refuseFailure({ status: 200, headers: ['X-Other', 'boom'], body: Buffer.alloc(0) })
  })

  test.each([
    [500, '', 'the node answered 500 Internal Server Error: an empty body'],
    [499, 'gone', 'the node answered 499: "gone"'],
    [404, '{"code":0,"detail":"x"}', 'the node answered 404 Not Found: "{"code":0,"detail":"x"}"'],
    [404, '{"code":404}', 'the node answered 404 Not Found: "{"code":404}"'],
  ])('%s %s', (status, body, detail) => {
    const error = answered(status, body)
    expect(error).toMatchObject({ id: 'go.micro.client', code: status, detail, reason: undefined })
  })

  test('a redirect is not followed: it is no answer to a call', () => {
    const error = answered(302, 'moved')
    expect(error).toMatchObject({ code: 502, reason: 'protocol' })
    expect(error.detail).toBe('the node answered 302 Found, where RPC over HTTP knows 200 only: "moved"')
  })
})

test('S13: an excerpt is one short line of what can be printed', () => {
  expect(excerpt(Buffer.from('a\r\n\tb\0\x1b[31mc\u2028\u202ed'))).toBe('"a b [31mc d"')
  expect(excerpt(Buffer.from([0xff, 0xfe, 0x41]))).toBe('"A"')
  expect(excerpt(Buffer.from('漢'.repeat(100)))).toBe(`"${'漢'.repeat(40)}"… (300 bytes)`)
  expect(excerpt(Buffer.from('漢'.repeat(100)), 10)).toBe('"漢漢漢"… (300 bytes)')
  expect(shortened('abc', 2)).toBe('ab…')
})

test('a malformed answer says what was wanted and what came', () => {
  expect(malformedAnswer('x', 'this', 'that').toJSON()).toEqual({
    id: 'go.micro.client',
    code: 502,
    detail: "the node's answer is not x: expected this, found that",
    status: 'Bad Gateway',
  })
})
