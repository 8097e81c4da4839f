import { describe, expect, test } from 'vitest'
import { mucp } from '../../src/codec/mucp.js'
import { caught } from './caught.js'
import { header, ok } from './go-services.js'

const call = {
  service: 'go.micro.srv.greeter',
  method: 'Say.Hello',
  contentType: 'application/json',
  body: Buffer.from('{"name":"John"}'),
}
const refusal = (body: string, headers: readonly string[] = []) => caught(() => mucp.decode(ok(body, headers), call))

describe('requests', () => {
  test('the body goes as it is, and headers say what is called', () => {
    const { path, headers, body } = mucp.encode(call)
    expect(path).toBe('/')
    expect(body).toBe(call.body)
    for (const twin of ['', 'X-']) {
      expect(header(headers, `${twin}Micro-Service`)).toBe('go.micro.srv.greeter')
      expect(header(headers, `${twin}Micro-Method`)).toBe('Say.Hello')
      expect(header(headers, `${twin}Micro-Endpoint`)).toBe('Say.Hello')
    }
  })

  test.each([
    ['application/json', 'application/json'],
    ['application/protobuf', 'application/protobuf'],
    ['application/proto', 'application/protobuf'],
  ])('%s is sent as %s', (contentType, sent) => {
    const { headers } = mucp.encode({ ...call, contentType })
    expect([header(headers, 'Content-Type'), header(headers, 'Accept')]).toEqual([sent, sent])
  })

  test('no two calls share an id: services sort by it', () => {
    const ids = Array.from({ length: 100 }, () => header(mucp.encode(call).headers, 'Micro-Id'))
    expect(new Set(ids).size).toBe(100)
  })

  test.each(['', 'a b', 'a\r\nX-Evil: 1', 'a\0', '\x7f'])('S13: %j is refused as a name', (name) => {
    expect(caught(() => mucp.encode({ ...call, method: name }))).toMatchObject({ code: 400, reason: 'bad_request' })
    expect(caught(() => mucp.encode({ ...call, service: name }))).toMatchObject({ code: 400, reason: 'bad_request' })
  })
})

describe('answers', () => {
  test('the body is the result', () => {
    const body = '{"msg":"Hello","big":123456789012345678901234567890}\n'
    expect(Buffer.from(mucp.decode(ok(body), call)).toString()).toBe(body)
  })

  test('no body is no result', () => {
    expect(Buffer.from(mucp.decode(ok(''), call)).toString()).toBe('null')
    expect(mucp.decode(ok(''), { ...call, contentType: 'application/protobuf' })).toHaveLength(0)
  })

  test.each(['Micro-Error', 'micro-error', 'X-Micro-Error', 'MICRO-ERROR'])('%s is the error', (name) => {
    expect(refusal('{}', [name, 'boom']).detail).toBe('error during request: boom')
  })

  test('it counts under any status, an empty one does not, and its bytes are UTF-8', () => {
    const text = Buffer.from('{"id":"x","code":404,"detail":"kein Gruß"}').toString('latin1')
    const answer = { ...ok('{}', ['Micro-Error', '', 'X-Micro-Error', text]), status: 500 }
    expect(caught(() => mucp.decode(answer, call)).toJSON()).toMatchObject({ code: 404, detail: 'kein Gruß' })
    expect(Buffer.from(mucp.decode(ok('1', ['Micro-Error', '']), call)).toString()).toBe('1')
  })

  test('S21: what is no JSON is a 502 that says so', () => {
    const error = refusal('<html>')
    expect(error).toMatchObject({ id: 'go.micro.client', code: 502, reason: 'protocol' })
    expect(error.detail).toBe(
      "the node's answer is not mucp: expected a JSON value, found \"<html>\" (expected a value, found '<' at byte 0)",
    )
  })
})
