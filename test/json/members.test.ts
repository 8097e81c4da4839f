import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memberNamed, members } from '../../src/json/members.js'
import { stringAt, textAt } from '../../src/json/text.js'
import { jsonText } from './json-text.js'

function read(text: string) {
  const bytes = Buffer.from(text)
  const result = members(bytes)
  if (!result.ok) return result.fault
  return result.members.map(({ key, kind, start, end }) => [key, kind, textAt(bytes, start, end)])
}

test('each member with its key, kind and span', () => {
  expect(read(' { "a" : 1 , "b":[{"c":2}], "d":"x","e":null,"f":true ,"g":{ } } ')).toEqual([
    ['a', 'number', '1'],
    ['b', 'array', '[{"c":2}]'],
    ['d', 'string', '"x"'],
    ['e', 'null', 'null'],
    ['f', 'boolean', 'true'],
    ['g', 'object', '{ }'],
  ])
  expect(read('{}')).toEqual([])
})

test('every digit and every spelling survives', () => {
  const number = '-123456789012345678901234567890.12345678901234567890e-400'
  expect(read(`{"n":${number},"s":"\\u0041"}`)).toEqual([
    ['n', 'number', number],
    ['s', 'string', '"\\u0041"'],
  ])
})

test('S12: keys are data, in order, repeated ones too', () => {
  expect(read('{"__proto__":{"polluted":1},"a":1,"constructor":2,"\\u0061":3}')).toEqual([
    ['__proto__', 'object', '{"polluted":1}'],
    ['a', 'number', '1'],
    ['constructor', 'number', '2'],
    ['a', 'number', '3'],
  ])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('a name is found whatever its case; the last one counts', () => {
  const result = members(Buffer.from('{"Error":1,"error":2,"ERROR":3,"other":4}'))
  const list = result.ok ? result.members : []
  expect(memberNamed(list, 'error')?.key).toBe('ERROR')
  expect(memberNamed(list, 'missing')).toBeUndefined()
})

describe('faults', () => {
  test.each([
    ['null', 0, "expected an object, found 'n'"],
    ['[]', 0, "expected an object, found '['"],
    [' "x"', 1, "expected an object, found '\"'"],
    ['', 0, 'expected an object, found the end'],
    ['{"a":1', 6, "expected ',' or '}', found the end"],
    ['{"a":1]', 6, "expected ',' or '}', found ']'"],
    ['{"a":[1}', 7, "expected ',' or ']', found '}'"],
    ['{"a":1}x', 7, "expected the end, found 'x'"],
    ['{}x', 2, "expected the end, found 'x'"],
    ['{"a" 1}', 5, "expected ':', found '1'"],
    ['{"a":1,}', 7, "expected a key in quotes, found '}'"],
  ])('%j', (text, offset, message) => {
    expect(read(text)).toEqual({ offset, message })
  })

  test('not UTF-8', () => {
    const result = members(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))
    expect(result).toEqual({ ok: false, fault: { message: 'expected UTF-8', offset: 2 } })
  })
})

test('S15: a value may be as deep as a text of its own, and the members have a limit', () => {
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
  expect(Array.isArray(read(deep(64)))).toBe(true)
  expect(read(deep(65))).toEqual({ message: 'expected at most 64 levels, found more', offset: 5 + 64 })
  const wide = (count: number) => `{${Array.from({ length: count }, () => '"a":1').join(',')}}`
  expect(read(wide(1_024))).toHaveLength(1_024)
  expect(read(wide(1_025))).toMatchObject({ message: 'expected at most 1024 members' })
})

test('a member is cut out byte for byte', () => {
  fc.assert(
    fc.property(jsonText(), jsonText(), (first, second) => {
      const bytes = Buffer.from(`{"first":${first},"second":${second}}`)
      const result = members(bytes)
      const list = result.ok ? result.members : []
      expect(list.map(({ start, end }) => bytes.toString('utf8', start, end).trim())).toEqual([
        trimmed(first),
        trimmed(second),
      ])
    }),
    { numRuns: 500, seed: 20_180_303 },
  )
})

test('a string is unescaped as the runtime does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = Buffer.from(`[${JSON.stringify(text)}]`)
      expect(stringAt(bytes, 1, bytes.length - 1)).toBe(text)
    }),
    { seed: 20_180_304 },
  )
})

/** JSON's white space only: `trim` would also take what stands for itself in a text. */
function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}
