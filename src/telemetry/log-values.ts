import { HIDDEN, type Mask } from './log-secrets.js'

const LONGEST = 8192

/** What is written for a field, masked and cut to a bearable length. */
export function loggable(key: string, value: unknown, mask: Mask): string | number | boolean | null {
  return mask.hides(key) ? HIDDEN : writable(value, mask)
}

/** The same for a field whose name is known to hold no secret. */
export function writable(value: unknown, mask: Mask): string | number | boolean | null {
  if (typeof value === 'string') return cut(mask.text(value))
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return cut(mask.text(textOf(value, mask)))
}

/** An access line's path goes without the query, which is where callers put tokens. */
export function accessPath(target: unknown): unknown {
  if (typeof target !== 'string') return target
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

function textOf(value: unknown, mask: Mask): string {
  if (value instanceof Error) return describe(value)
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value, (key, inner) => (mask.hides(key) ? HIDDEN : plain(inner))) ?? String(value)
  } catch {
    return '[unprintable]'
  }
}

/** `TypeError: what ← Error: why`. */
function describe(error: Error): string {
  const chain: string[] = []
  for (let cause: unknown = error; cause instanceof Error && chain.length < 5; cause = cause.cause) {
    chain.push(cause.name === 'Error' ? cause.message : `${cause.name}: ${cause.message}`)
  }
  return chain.join(' ← ')
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Error ? describe(value) : value
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length - LONGEST} more)` : text
}
