/** Milliseconds. A node may ask for more; nobody waits for it. */
const LONGEST = 300_000
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** Milliseconds that an answer asks to be waited for, in seconds or until a date; `undefined` where it asks for nothing. */
export function retryAfter(headers: readonly string[], now = Date.now()): number | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (name.length === 11 && name.toLowerCase() === 'retry-after') return milliseconds(headers[i + 1] ?? '', now)
  }
  return undefined
}

/** Never before what was asked for, up to half as long again, and so that some of the time that is left remains. */
export function jittered(asked: number, left: number, random = Math.random): number {
  return asked + random() * Math.min(asked / 2, (left - asked) / 2)
}

function milliseconds(value: string, now: number): number | undefined {
  if (/^\d{1,10}$/.test(value)) return Math.min(LONGEST, Number(value) * 1000)
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.min(LONGEST, Math.max(0, date - now))
}
