import type { BackoffSettings } from '../config/settings.js'

/** Milliseconds before the `n`th retry, from 1: anywhere below a limit that doubles, so that callers do not come in step. */
export function backoff(n: number, { base, max }: BackoffSettings, random = Math.random): number {
  return random() * Math.min(max, (2 ** n - 1) * base)
}
