import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRpcRequest } from '../../src/handlers/rpc-request.js'
import { caught } from '../codec/caught.js'
import { jsonText } from '../json/json-text.js'

const form = 'application/x-www-form-urlencoded'
const parse = (text: string, type: string | undefined = 'application/json') => {
  const { body, ...rest } = parseRpcRequest(type, Buffer.from(text))
  return { ...rest, body: Buffer.from(body).toString() }
}
const refusal = (body: string | Buffer, type: string | undefined = 'application/json') =>
  caught(() => parseRpcRequest(type, Buffer.from(body as string)))
const json = (request: string) => `{"service":"s","method":"M.N","request":${request}}`

describe('JSON', () => {
  test('service, method and request', () => {
    expect(parse('{"service":"go.micro.srv.greeter","method":"Say.Hello","request":{"name":"John"}}')).toEqual({
      service: 'go.micro.srv.greeter',
      method: 'Say.Hello',
      body: '{"name":"John"}',
    })
  })

  test('the case of keys does not matter, the last one counts, others are ignored', () => {
    const text = '{"Service":"a","METHOD":"M.N","service":"b","Request":[1],"__proto__":{"service":"c"},"id":1}'
    expect(parse(text, 'Application/JSON; charset=utf-8')).toEqual({ service: 'b', method: 'M.N', body: '[1]' })
  })

  test.each([
    ['{"n":12345678901234567890.1234567890e-400}', '{"n":12345678901234567890.1234567890e-400}'],
    ['"{\\"n\\":12345678901234567890}"', '{"n":12345678901234567890}'],
    ['"{\\"name\\": \\"J\\u00fcrgen \\\\u00fc\\"}"', '{"name": "Jürgen \\u00fc"}'],
    ['"\\"text\\""', '"text"'],
    ['" [1]\\n"', ' [1]\n'],
    ['""', '{}'],
    ['" \\t\\r\\n"', '{}'],
    ['null', 'null'],
    ['[ 1 , 2 ]', '[ 1 , 2 ]'],
    ['false', 'false'],
    ['1.0', '1.0'],
  ])('the request %s is sent as %s', (request, body) => {
    expect(parse(json(request)).body).toBe(body)
  })

  test('no request is an empty one', () => {
    expect(parse('{"service":"s","method":"M.N"}').body).toBe('{}')
  })

  test.each(['', ' ', '{', 'null', '[]', '1', '"x"', '{"service":"s"', '{"service":"s",}', 'service=s&method=M.N'])(
    'S5: the body %j is a 400',
    (text) => {
      const error = refusal(text)
      expect(error).toMatchObject({ id: 'go.micro.rpc', code: 400, reason: 'bad_request' })
      expect(error.detail).toMatch(/^malformed JSON: expected .* at byte \d+$/)
    },
  )

  test.each([
    ['{}', 'invalid service'],
    ['{"service":"","method":"M.N"}', 'invalid service'],
    ['{"service":1,"method":"M.N"}', 'invalid service'],
    ['{"service":null,"method":"M.N"}', 'invalid service'],
    ['{"service":"a\\r\\nX-Evil: 1","method":"M.N"}', 'invalid service'],
    ['{"service":"a\\u0000","method":"M.N"}', 'invalid service'],
    ['{"service":"a\\ud800","method":"M.N"}', 'invalid service'],
    ['{"service":"s"}', 'invalid method'],
    ['{"service":"s","method":""}', 'invalid method'],
    ['{"service":"s","method":["M.N"]}', 'invalid method'],
    ['{"service":"s","method":"M N"}', 'invalid method'],
    ['{"service":"s","method":"M\\u2028N"}', 'invalid method'],
  ])('%s: %s', (text, detail) => {
    expect(refusal(text)).toMatchObject({ id: 'go.micro.rpc', code: 400, detail, reason: 'bad_request' })
  })

  test.each([
    ['"hello"', "error decoding request string: expected a value, found 'h' at byte 0"],
    ['"{\\"a\\":1"', "error decoding request string: expected ',' or '}', found the end at byte 6"],
    ['"1 2"', "error decoding request string: expected the end, found '2' at byte 2"],
    [`"${'['.repeat(70)}"`, 'error decoding request string: expected at most 64 levels, found more at byte 64'],
  ])('a request string that holds no JSON: %s', (request, detail) => {
    expect(refusal(json(request))).toMatchObject({ id: 'go.micro.rpc', code: 400, detail, reason: 'bad_request' })
  })

  test('S15: a request as deep as a body may be passes, a deeper one does not', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(parse(json(deep(64))).body).toBe(deep(64))
    expect(refusal(json(deep(65))).detail).toContain('expected at most 64 levels')
    expect(refusal(json(deep(100_000))).code).toBe(400)
  })

  test('bytes that are no UTF-8 are a 400', () => {
    expect(refusal(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])).detail).toContain(
      'expected UTF-8 at byte 2',
    )
  })
})

describe('address', () => {
  const withAddress = (address: string) => `{"service":"s","method":"M.N","address":${address}}`

  test.each([
    ['"127.0.0.1:9090"', { address: '127.0.0.1', port: 9090 }],
    ['"[::1]:1"', { address: '::1', port: 1 }],
    ['"[::ffff:127.0.0.1]:80"', { address: '::ffff:127.0.0.1', port: 80 }],
    ['"node-1.local:65535"', { address: 'node-1.local', port: 65_535 }],
    ['""', undefined],
    ['null', undefined],
  ])('%s', (text, address) => {
    expect(parse(withAddress(text)).address).toEqual(address)
  })

  test.each([
    '"127.0.0.1"',
    '":80"',
    '"a:"',
    '"a:0"',
    '"a:65536"',
    '"a:-1"',
    '"a:1x"',
    '"a:0x50"',
    '"::1:80"',
    '"[::1]"',
    '"[::1%lo]:80"',
    '"[a]:80"',
    '"a b:80"',
    '"http://a:80"',
    '"a/b:80"',
    '"u@a:80"',
    '"a:80\\n"',
    '5',
    '{}',
    '["a:80"]',
  ])('S5: %s is a 400', (text) => {
    const detail = 'invalid address: expected host:port'
    expect(refusal(withAddress(text))).toMatchObject({ id: 'go.micro.rpc', code: 400, detail, reason: 'bad_request' })
  })
})

describe('forms', () => {
  test("the documentation's curl", () => {
    const text = 'service=go.micro.srv.example&method=Example.Call&request={"name": "John"}'
    expect(parse(text, form)).toEqual({
      service: 'go.micro.srv.example',
      method: 'Example.Call',
      body: '{"name": "John"}',
    })
  })

  test('encoded, with an address, in any case, the first of each', () => {
    const text = '%53ervice=s%2Ex&METHOD=M.N&address=a%3A80&request=%7B%22a%22%3A+%22%C3%BC%2b%26%22%7D&service=other&='
    expect(parse(text, `${form}; charset=utf-8`)).toEqual({
      service: 's.x',
      method: 'M.N',
      address: { address: 'a', port: 80 },
      body: '{"a": "ü+&"}',
    })
  })

  test.each(['service=s&method=M.N', 'service=s&method=M.N&request=', 'service=s&method=M.N&request&address='])(
    'no request is an empty one: %s',
    (text) => {
      expect(parse(text, form)).toEqual({ service: 's', method: 'M.N', body: '{}' })
    },
  )

  test('every digit stays', () => {
    expect(parse('service=s&method=M.N&request=12345678901234567890.10', form).body).toBe('12345678901234567890.10')
  })

  test.each([
    ['', 'invalid service'],
    ['method=M.N', 'invalid service'],
    ['service=s', 'invalid method'],
    ['service=%0d%0a&method=M.N', 'invalid service'],
    ['service=s&method=M.N&address=x', 'invalid address: expected host:port'],
    ['service=s&method=M.N&request=hello', "error decoding request string: expected a value, found 'h' at byte 0"],
    ['service=s&method=%zz', 'malformed form: expected UTF-8 and two hexadecimal digits behind each % in method'],
    ['service=%ff', 'malformed form: expected UTF-8 and two hexadecimal digits behind each % in service'],
    ['%=1', 'malformed form: expected UTF-8 and two hexadecimal digits behind each % in a name'],
    ['a&'.repeat(64), 'malformed form: expected at most 64 fields'],
  ])('S5: %s: %s', (text, detail) => {
    expect(refusal(text, form)).toMatchObject({ id: 'go.micro.rpc', code: 400, detail, reason: 'bad_request' })
  })

  test('bytes that are no UTF-8 are a 400', () => {
    expect(refusal(Buffer.from('service=\xe9', 'latin1'), form).detail).toBe('malformed form: expected UTF-8')
  })

  test('S15: millions of fields take no time', () => {
    const started = performance.now()
    expect(refusal('%61&'.repeat(1 << 20), form).code).toBe(400)
    expect(performance.now() - started).toBeLessThan(500)
  })
})

test.each([
  undefined,
  '',
  'text/plain',
  'application/protobuf',
  'multipart/form-data; boundary=x',
  'application/jsonx',
])('the content type %s is a 415', (type) => {
  const error = caught(() => parseRpcRequest(type, Buffer.from('{}')))
  expect(error).toMatchObject({ id: 'go.micro.rpc', code: 415, reason: 'bad_request' })
  expect(error.detail).toContain('unsupported content-type')
})

test('any request comes out as it went in: as a value, as a string, and in a form', () => {
  fc.assert(
    fc.property(jsonText(), (text) => {
      const inside = JSON.parse(text)
      const wanted = trimmed(text)
      if (typeof inside !== 'string') expect(parse(json(text)).body).toBe(wanted)
      expect(trimmed(parse(json(JSON.stringify(text))).body)).toBe(wanted)
      const fields = new URLSearchParams({ service: 's', method: 'M.N', request: text })
      expect(trimmed(parse(fields.toString(), form).body)).toBe(wanted)
    }),
    { numRuns: 500, seed: 20_180_308 },
  )
})

test('S5: no body does anything but parse or fail as a 400', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '"service"',
    '"method"',
    ':',
    ',',
    '"s"',
    '"request"',
    '"{}"',
    'null',
    '1',
    '"address"',
    '=',
    '&',
    '%',
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.array(piece).map((list) => Buffer.from(list.join(''))),
  )
  fc.assert(
    fc.property(body, fc.constantFrom('application/json', form), (bytes, type) => {
      try {
        parseRpcRequest(type, Buffer.from(bytes))
      } catch (error) {
        expect(error).toMatchObject({ name: 'MicroError', id: 'go.micro.rpc', code: 400, reason: 'bad_request' })
      }
    }),
    { numRuns: 2_000, seed: 20_180_309 },
  )
})

function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}
