import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkJson } from '../../src/json/check-json.js'
import { faultText } from '../../src/json/fault.js'
import { jsonText } from './json-text.js'

const check = (text: string | Buffer) => checkJson(Buffer.from(text as string))

describe('well-formed', () => {
  test.each([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1.5e+10',
    '1E400',
    '0.1e-7',
    '""',
    '[]',
    '{}',
    ' \t\r\n[ ] ',
    '[1,2 , {"a":[]}]',
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1}}',
    '"\\ud800"',
    '"\\u00E9\\n\\/"',
    '"\u007f\u2028😀"',
    '{"":[[],[{}]] , "b" : null }',
    '123456789012345678901234567890.000000000000000000001',
  ])('%s', (text) => {
    expect(check(text)).toBeUndefined()
  })
})

describe('S5: malformed', () => {
  test.each([
    ['', 0, 'expected a value, found the end'],
    ['  ', 2, 'expected a value, found the end'],
    ['{', 1, 'expected a key in quotes, found the end'],
    ['{a:1}', 1, "expected a key in quotes, found 'a'"],
    ['{"a"}', 4, "expected ':', found '}'"],
    ['{"a":}', 5, "expected a value, found '}'"],
    ['{"a":1,}', 7, "expected a key in quotes, found '}'"],
    ['{"a":1 "b"', 7, "expected ',' or '}', found '\"'"],
    ['[1,]', 3, "expected a value, found ']'"],
    ['[1}', 2, "expected ',' or ']', found '}'"],
    ['[1', 2, "expected ',' or ']', found the end"],
    ['{}{}', 2, "expected the end, found '{'"],
    ['1 2', 2, "expected the end, found '2'"],
    ['01', 1, "expected the end, found '1'"],
    ['+1', 0, "expected a value, found '+'"],
    ['-', 1, 'expected a digit, found the end'],
    ['1.', 2, 'expected a digit, found the end'],
    ['.5', 0, "expected a value, found '.'"],
    ['1e', 2, 'expected a digit, found the end'],
    ['1e+x', 3, "expected a digit, found 'x'"],
    ['tru', 3, 'expected a value, found the end'],
    ['nul1', 3, "expected a value, found '1'"],
    ['NaN', 0, "expected a value, found 'N'"],
    ["'a'", 0, "expected a value, found '''"],
    ['"a', 2, 'expected more of a string, found the end'],
    ['"\\', 2, 'expected more of a string, found the end'],
    ['"\\x"', 2, "expected more of a string, found 'x'"],
    ['"\\u12g4"', 5, "expected more of a string, found 'g'"],
    ['"\\u12', 5, 'expected more of a string, found the end'],
    ['"a\nb"', 2, 'expected more of a string, found byte 0x0a'],
    ['{"a\u0000":1}', 3, 'expected more of a string, found byte 0x00'],
    ['\ufeff{}', 0, 'expected a value, found byte 0xef'],
    ['[1 // no\n]', 3, "expected ',' or ']', found '/'"],
  ])('%j', (text, offset, message) => {
    expect(check(text)).toEqual({ offset, message })
  })

  test.each([
    ['a stray byte', [0x22, 0x80, 0x22], 1],
    ['a cut sequence', [0x22, 0xe6, 0xbc, 0x22], 1],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22], 1],
    ['a surrogate', [0x22, 0x61, 0xed, 0xa0, 0x80, 0x22], 2],
    ['beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1],
    ['latin1', [0x22, 0xc3, 0xa9, 0xe9, 0x22], 3],
    ['a cut four', [0x22, 0xf0, 0x9f, 0x98, 0x22], 1],
    ['five bytes', [0x22, 0xf8, 0x88, 0x80, 0x80, 0x80, 0x22], 1],
  ])('not UTF-8: %s', (_, bytes, offset) => {
    expect(checkJson(Uint8Array.from(bytes))).toEqual({ message: 'expected UTF-8', offset })
  })

  test('a fault reads as a part of a sentence', () => {
    expect(faultText({ message: 'expected a value, found the end', offset: 3 })).toBe(
      'expected a value, found the end at byte 3',
    )
  })
})

describe('S15: depth', () => {
  test.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('64 levels of %s pass and 65 do not', (open, close) => {
    expect(check(`${open.repeat(64)}1${close.repeat(64)}`)).toBeUndefined()
    expect(check(`${open.repeat(65)}1${close.repeat(65)}`)?.message).toBe('expected at most 64 levels, found more')
    expect(check(`${open.repeat(64)}[]${close.repeat(64)}`)?.offset).toBe(64 * open.length)
  })

  test('neither brackets without an end nor a wide array hold the process up', () => {
    const started = performance.now()
    expect(check('['.repeat(1 << 20))?.offset).toBe(64)
    expect(check(`[${'1,'.repeat(1 << 18)}1]`)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

test('agrees with the runtime on every text of the grammar, and on what is one change away from it', () => {
  const changed = fc
    .tuple(jsonText(), fc.nat(), fc.constantFrom('', ',', '"', '\\', '{', ']', '0', '-', '.', 'e', ':', '\n', 'u', ' '))
    .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1))
  fc.assert(
    fc.property(fc.oneof(jsonText(), changed), (text) => {
      expect(check(text) === undefined).toBe(runtimeAccepts(text))
    }),
    { numRuns: 2_000, seed: 20_180_301 },
  )
})

test('tells UTF-8 from other bytes where the runtime does', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      const body = Buffer.concat([Buffer.from('"'), bytes.map((byte) => byte | 0x80), Buffer.from('"')])
      let isText = true
      try {
        strict.decode(body)
      } catch {
        isText = false
      }
      expect(checkJson(body)?.message).toBe(isText ? undefined : 'expected UTF-8')
    }),
    { numRuns: 2_000, seed: 20_180_302 },
  )
})

function runtimeAccepts(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
