import { randomBytes } from 'node:crypto'

const prefix = randomBytes(6).toString('hex')
let count = 0

/** The caller's id where it is one that can be logged and passed on, else a new one. */
export function requestId(given: string | undefined): string {
  if (given !== undefined && /^[\w.~:+/=-]{1,128}$/.test(given)) return given
  count = (count + 1) % Number.MAX_SAFE_INTEGER
  return `${prefix}-${count.toString(36)}`
}
