import { expect, test } from 'vitest'
import { requestValue } from '../../src/http/request-value.js'

const headers = [
  'Host',
  'x',
  'X-User',
  'ann',
  'x-user',
  'ben',
  'Cookie',
  'a=1; user=ann',
  'cookie',
  'user="ben"; b = 2 ',
]

test.each([
  ['header', 'x-user', 'ann'],
  ['header', 'x-nobody', undefined],
  ['cookie', 'user', 'ann'],
  ['cookie', 'b', '2'],
  ['cookie', 'User', undefined],
  ['cookie', '__proto__', undefined],
  ['query', 'user', 'a b'],
  ['query', 'empty', ''],
  ['query', 'none', undefined],
] as const)('the %s %s is %j', (kind, name, value) => {
  expect(requestValue(kind, name, headers, '/a?x=1&user=a+b&user=c&empty')).toBe(value)
})

test.each([
  ['user="ann"', 'ann'],
  ['=x; user=a=b', 'a=b'],
  ['x,user=ann', 'ann'],
  ['user', undefined],
  ['user=', ''],
  [';;,', undefined],
])('of the cookies %j', (cookie, value) => {
  expect(requestValue('cookie', 'user', ['cookie', cookie], '/')).toBe(value)
})

test('a query that is malformed breaks nothing', () => {
  expect(requestValue('query', 'user', [], '/a?user=%zz&%=%')).toBe('%zz')
  expect(requestValue('query', 'user', [], '*')).toBeUndefined()
})
