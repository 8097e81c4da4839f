import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, parseSize } from '../../src/config/durations.js'

describe('durations are written as in Go', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['250ms', 250],
    ['5s', 5000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['1m30s', 90_000],
    ['1h2m3s4ms', 3_723_004],
    ['2h', 7_200_000],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['1500ns', 0.0015],
    ['100us', 0.1],
    ['0.1ms', 0.1],
    ['+5s', 5000],
    ['1s1s', 2000],
    ['2562047h', 9_223_369_200_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  test.each([
    ...['', ' ', '5', '5 s', ' 5s', '5s ', 's', '.s', '.', '-5s', '--5s', '5S', '5sec', '1m30', '1,5s', '1e3s', '5d'],
    ...['∞', 'NaN', '0x5s', '2562048h', '٣s', `${'9'.repeat(99)}h`, '1ms'.repeat(40)],
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('property: parts add up', () => {
    const part = fc.tuple(fc.nat(1000), fc.constantFrom<[string, number]>(['ms', 1], ['s', 1000], ['m', 60_000]))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.map(([amount, [unit]]) => `${amount}${unit}`).join('')
        expect(parseDuration(text)).toBe(parts.reduce((sum, [amount, [, factor]]) => sum + amount * factor, 0))
      }),
    )
  })

  test('S15: a long text takes no long time', () => {
    const started = performance.now()
    for (const text of ['1'.repeat(1e6), '1s'.repeat(1e6), '.'.repeat(1e6)]) expect(parseDuration(text)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(50)
  })
})

describe('sizes', () => {
  test.each([
    ['0b', 0],
    ['64kb', 65_536],
    ['4mb', 4_194_304],
    ['1gb', 1_073_741_824],
    ['1.5kb', 1536],
    ['4MB', 4_194_304],
    ['64 KB', 65_536],
    ['10b', 10],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['', '5', 'kb', '-1kb', '4 m', '4tb', '4kib', '1e3kb', '4mb ', `${'9'.repeat(200)}b`])(
    '%j is none',
    (text) => {
      expect(parseSize(text)).toBeUndefined()
    },
  )
})
