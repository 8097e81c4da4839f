const DURATION = /^[+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g
const MILLISECONDS = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])
/** Go keeps durations as nanoseconds in 64 bits. */
const LONGEST = 9_223_372_036_854
const SIZE = /^(\d+(?:\.\d+)?) ?([kmg]?)b$/i
const BYTES = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
])

/** Milliseconds of a Go duration such as `250ms`, `1.5s`, `1m30s` or `0`; `undefined` for anything else and below zero. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 100 || !DURATION.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * (MILLISECONDS.get(unit ?? '') ?? 0)
  // Three decimal places below a nanosecond take out what binary fractions add.
  return total > LONGEST ? undefined : Math.round(total * 1e9) / 1e9
}

/** Bytes of a size such as `64kb` or `4mb` (steps of 1024, any case); `undefined` for anything else. */
export function parseSize(text: string): number | undefined {
  const match = text.length > 100 ? null : SIZE.exec(text)
  if (match === null) return undefined
  return Math.round(Number(match[1]) * (BYTES.get((match[2] ?? '').toLowerCase()) ?? 1))
}
