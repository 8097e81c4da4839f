import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { protoRpc } from '../../src/codec/proto-rpc.js'
import { caught } from './caught.js'
import { frames, lengthDelimited, ok, protoEnvelope, responseHeader } from './go-services.js'

const call = (body: Uint8Array = Buffer.from([8, 1]), method = 'Say.Hello') => ({
  service: 'go.micro.srv.greeter',
  method,
  contentType: 'application/protobuf',
  body,
})
const decode = (body: Buffer) => Buffer.from(protoRpc.decode(ok(body), call()))
const refusal = (body: Buffer) => caught(() => protoRpc.decode(ok(body), call()))

test('the request is the one of the wire contract', () => {
  const { path, headers, body } = protoRpc.encode(call())
  expect(path).toBe('/')
  expect(headers).toEqual(['Content-Type', 'application/protobuf', 'Accept', 'application/protobuf'])
  expect(Buffer.from(body).toString('hex')).toBe(
    ['00000014', '0a09', Buffer.from('Say.Hello').toString('hex'), '11', '0'.repeat(16), '00000002', '0801'].join(''),
  )
})

describe('answers', () => {
  const body = Buffer.from([1, 2, 3])

  test.each([
    ['an empty header', Buffer.alloc(0)],
    ['an empty error', responseHeader('Say.Hello', '')],
    [
      'fields in another order',
      Buffer.concat([lengthDelimited(3, Buffer.alloc(0)), lengthDelimited(1, Buffer.from('x'))]),
    ],
    ['unknown fields of every kind', Buffer.from('200125010203042900000000000000003203616263', 'hex')],
    ['a sequence number as varint', Buffer.from('10ffffffffffffffffff01', 'hex')],
    ['a field number of five bytes', Buffer.from('f8ffffff0f01', 'hex')],
  ])('%s', (_, header) => {
    expect(decode(frames(header, body))).toEqual(body)
  })

  test('the last error counts', () => {
    const twice = Buffer.concat([lengthDelimited(3, Buffer.from('one')), lengthDelimited(3, Buffer.from('two'))])
    expect(refusal(frames(twice, body)).detail).toBe('error during request: two')
  })

  test('an error needs no second frame', () => {
    expect(refusal(frames(responseHeader('Say.Hello', 'boom'))).detail).toBe('error during request: boom')
  })

  test('an error that is no UTF-8 is shown as well as can be', () => {
    expect(refusal(frames(lengthDelimited(3, Buffer.from([0xff, 0x41])), body)).detail).toBe(
      'error during request: \ufffdA',
    )
  })
})

describe('S21: malformed answers are a 502 that says what came', () => {
  const good = responseHeader('Say.Hello', '')

  test.each([
    ['nothing', Buffer.alloc(0), "expected the header frame's length in 4 bytes, found 0"],
    ['three bytes', Buffer.alloc(3), "expected the header frame's length in 4 bytes, found 3"],
    ['a huge length', Buffer.from('ffffffff00', 'hex'), 'expected a header frame of 4294967295 bytes, found 1'],
    ['no body frame', frames(good), "expected the body frame's length in 4 bytes, found 0"],
    ['a short body', frames(good, Buffer.alloc(9)).subarray(0, -1), 'expected a body frame of 9 bytes, found 8'],
    [
      'more than two frames',
      frames(good, good, good),
      `expected two frames, found ${good.length + 4} bytes behind them`,
    ],
    ['JSON', Buffer.from('{"result":1}'), 'expected a header frame of 2065855077 bytes, found 8'],
    ['a cut field', frames(good.subarray(0, -3), good), 'expected a header message in protobuf, found'],
    ['field 0', frames(Buffer.from('0001', 'hex'), good), 'expected a header message in protobuf, found 2 other bytes'],
    ['a group', frames(Buffer.from('23', 'hex'), good), 'expected a header message in protobuf, found 1 other bytes'],
    ['a length beyond', frames(Buffer.from('1affffffff0f41', 'hex'), good), 'expected a header message in protobuf'],
    ['an endless varint', frames(Buffer.from('80'.repeat(11), 'hex'), good), 'expected a header message in protobuf'],
    ['an error that is a number', frames(Buffer.from('1801', 'hex'), good), 'expected a header message in protobuf'],
  ])('%s', (_, body, sentence) => {
    const error = refusal(body)
    expect(error).toMatchObject({ id: 'go.micro.client', code: 502, reason: 'protocol' })
    expect(error.detail).toContain(`the node's answer is not proto-rpc: ${sentence}`)
  })
})

test('any message comes through byte for byte, under any method', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: 'grapheme', maxLength: 300 }), (bytes, method) => {
      const received = protoEnvelope.read(protoRpc.encode(call(bytes, method)))
      expect(received.method).toBe(Buffer.from(method).toString())
      expect(Buffer.from(received.body).equals(bytes)).toBe(true)
      expect(decode(frames(responseHeader(method, ''), bytes)).equals(bytes)).toBe(true)
    }),
    { numRuns: 500, seed: 20_180_307 },
  )
})
