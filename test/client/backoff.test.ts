import { describe, expect, test } from 'vitest'
import { backoff } from '../../src/client/backoff.js'
import { jittered, retryAfter } from '../../src/client/retry-after.js'

const limits = { base: 25, max: 250 }
const least = () => 0
const most = () => 1 - Number.EPSILON

test('the wait before a retry is anything below a limit that doubles, up to the longest', () => {
  const longest = [1, 2, 3, 4, 5, 100].map((n) => Math.round(backoff(n, limits, most)))
  expect(longest).toEqual([25, 75, 175, 250, 250, 250])
  expect(backoff(3, limits, least)).toBe(0)
  expect(backoff(3, { base: 0, max: 250 }, most)).toBe(0)
  for (let i = 0; i < 1000; i++) expect(backoff(2, limits)).toBeLessThan(75)
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  const read = (value: string) => retryAfter(['Server', 'x', 'RETRY-AFTER', value], now)

  test.each([
    ['0', 0],
    ['3', 3000],
    ['300', 300_000],
    ['301', 300_000],
    ['9999999999', 300_000],
    ['Thu, 01 Jan 2026 12:00:02 GMT', 2000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['Fri, 01 Jan 2027 12:00:00 GMT', 300_000],
  ])('%s: %i ms', (value, milliseconds) => expect(read(value)).toBe(milliseconds))

  test.each(['', 'soon', '-1', '1.5', '1 s', '0x10', '2026-01-01', 'Thu, 99 Jan 2026 12:00:02 GMT', '99999999999'])(
    '%j says nothing',
    (value) => expect(read(value)).toBeUndefined(),
  )

  test('absent it says nothing', () => expect(retryAfter(['Retry-Afte', '1'], now)).toBeUndefined())

  test('is kept with up to half as much again, and some of the time that is left remains', () => {
    expect(jittered(1000, 5000, least)).toBe(1000)
    expect(Math.round(jittered(1000, 5000, most))).toBe(1500)
    expect(Math.round(jittered(1000, 1200, most))).toBe(1100)
  })
})
