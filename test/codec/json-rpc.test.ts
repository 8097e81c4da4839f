import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonRpc } from '../../src/codec/json-rpc.js'
import { jsonText } from '../json/json-text.js'
import { caught } from './caught.js'
import { jsonEnvelope, ok } from './go-services.js'

const call = (body = '{"name":"John"}', method = 'Say.Hello') => ({
  service: 'go.micro.srv.greeter',
  method,
  contentType: 'application/json',
  body: Buffer.from(body),
})
const decode = (body: string) => Buffer.from(jsonRpc.decode(ok(body), call())).toString()
const refusal = (body: string) => caught(() => jsonRpc.decode(ok(body), call()))

test('the request is the one of the wire contract', () => {
  const { path, headers, body } = jsonRpc.encode(call())
  expect(path).toBe('/')
  expect(headers).toEqual(['Content-Type', 'application/json', 'Accept', 'application/json'])
  expect(Buffer.from(body).toString()).toBe('{"method":"Say.Hello","params":[{"name":"John"}],"id":0}')
})

test('a method is data', () => {
  const { body } = jsonRpc.encode(call('{}', 'A"],"id":1,"x":["\ud800\u2028'))
  expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ params: [{}], id: 0 })
})

describe('results', () => {
  test.each([
    ['{"id":0,"result":{"msg":"Hello"},"error":null}\n', '{"msg":"Hello"}'],
    ['{"id":"0","result": [1, 2] ,"error":null}', '[1, 2]'],
    ['{"jsonrpc":"2.0","result":1.0,"id":{"any":"type"}}', '1.0'],
    ['{"result":12345678901234567890.10,"error":null}', '12345678901234567890.10'],
    ['{"id":0,"result":null,"error":null}', 'null'],
    ['{"id":0,"error":null}', 'null'],
    ['{}', 'null'],
    ['{"Result":1,"ERROR":null,"ID":0}', '1'],
    ['{"result":1,"result":2}', '2'],
    ['{"error":"early","result":1,"error":null}', '1'],
    ['{"result":"\\u0041","error":null}', '"\\u0041"'],
    ['{"__proto__":{"error":"x"},"result":false}', 'false'],
    [' {"result":true} ', 'true'],
  ])('%s', (answer, result) => {
    expect(decode(answer)).toBe(result)
  })
})

describe('errors', () => {
  test('an empty error is one, as for go-micro', () => {
    expect(refusal('{"error":""}').detail).toBe('error during request: unspecified error')
  })

  test.each([
    ['{"code":-32700,"message":"Parse error"}', 400, 'Parse error'],
    ['{"code":-32600,"message":"Invalid Request"}', 400, 'Invalid Request'],
    ['{"code":-32602,"message":"Invalid params","data":{"field":"name"}}', 400, 'Invalid params ({"field":"name"})'],
    ['{"code":-32601,"message":"Method not found","data":"Say.Hi"}', 404, 'Method not found (Say.Hi)'],
    ['{"code":-32603,"message":"Internal error","data":null}', 500, 'Internal error'],
    ['{"code":-32000,"message":"Server error","data":""}', 500, 'Server error'],
    ['{"code":409,"message":"Taken"}', 409, 'Taken'],
    ['{"code":200,"message":"Odd"}', 500, 'Odd'],
    ['{"code":"404","message":"Odd"}', 500, 'Odd'],
    ['{"message":"No code"}', 500, 'No code'],
    ['{"Code":404,"Message":"Case"}', 404, 'Case'],
    [`{"code":1,"message":"Long","data":"${'x'.repeat(300)}"}`, 500, 'Long'],
  ])('JSON-RPC 2.0: %s', (error, code, detail) => {
    expect(refusal(`{"jsonrpc":"2.0","error":${error},"id":0}`).toJSON()).toMatchObject({
      id: 'go.micro.api',
      code,
      detail,
    })
  })

  test('the error form as an object passes as it is', () => {
    const form = { id: 'srv', code: 403, detail: 'no', status: 'Forbidden' }
    expect(refusal(`{"error":${JSON.stringify(form)}}`).toJSON()).toEqual(form)
  })

  test('an object that is neither says what it was', () => {
    expect(refusal('{"error":{"why":"boom"}}').detail).toBe('error during request: {"why":"boom"}')
    expect(refusal('{"error":{}}').detail).toBe('error during request: {}')
  })
})

describe('S21: malformed answers are a 502 that says what came', () => {
  test.each([
    ['', 'an empty body (expected an object, found the end at byte 0)'],
    ['null', '"null" (expected an object, found \'n\' at byte 0)'],
    ['[]', '"[]" (expected an object, found \'[\' at byte 0)'],
    ['<html>\n<b>Oops</b>', '"<html> <b>Oops</b>" (expected an object, found \'<\' at byte 0)'],
    ['{"result":1}{"result":2}', "(expected the end, found '{' at byte 12)"],
    ['{"result":01}', "(expected ',' or '}', found '1' at byte 11)"],
    ['{"error":5}', '(an error that is neither a string nor an object)'],
    ['{"error":true}', '(an error that is neither a string nor an object)'],
    ['{"error":["x"]}', '(an error that is neither a string nor an object)'],
    [`{"result":${'['.repeat(65)}${']'.repeat(65)}}`, '(expected at most 64 levels, found more at byte 74)'],
  ])('%s', (answer, found) => {
    const error = refusal(answer)
    expect(error).toMatchObject({ id: 'go.micro.client', code: 502, reason: 'protocol' })
    expect(error.detail).toContain("the node's answer is not JSON-RPC: expected an object with result and error, found")
    expect(error.detail).toContain(found)
  })
})

test('any request and result come through byte for byte', () => {
  fc.assert(
    fc.property(jsonText(), jsonText(), (request, result) => {
      const received = jsonEnvelope.read(jsonRpc.encode(call(request)))
      expect(Buffer.from(received.body).toString()).toBe(request)
      const answer = ok(`{"id":0,"result":${result},"error":null}`)
      const start = answer.body.indexOf(result) + result.search(/[^ \t\r\n]/)
      expect(Buffer.from(jsonRpc.decode(answer, call()))).toEqual(
        answer.body.subarray(start, start + Buffer.byteLength(result.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''))),
      )
    }),
    { numRuns: 500, seed: 20_180_306 },
  )
})
