import type { RetryBudgetSettings } from '../config/settings.js'

/** Seconds. */
const WINDOW = 10
/** One more than the window has: it seldom begins with a second. */
const SLOTS = WINDOW + 1
/** Seconds that a service counts as known for at its first call. */
const HEAD_START = 3

/**
 * How many retries one service may see: in ten seconds no more than a share of its calls in that time and so many for
 * each second. A ring of one-second slots, turned by whoever looks at it. Times are `performance.now()`.
 */
export class RetryBudget {
  readonly #calls = new Array<number>(SLOTS).fill(0)
  readonly #retries = new Array<number>(SLOTS).fill(0)
  readonly #since: number
  #second: number
  #allCalls = 0
  #allRetries = 0

  constructor(now: number) {
    this.#since = now
    this.#second = Math.floor(now / 1000)
  }

  /** Counts a call. */
  deposit(now: number): void {
    const slot = this.#turn(now)
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1
    this.#allCalls++
  }

  /** Counts a retry and returns true, if there may be one. */
  withdraw(now: number, { ratio, minPerSecond }: RetryBudgetSettings): boolean {
    const slot = this.#turn(now)
    // Of the calls the slots of less than ten seconds, of the retries those of more: no window of ten sees too many.
    const calls = sum(this.#calls) - (this.#calls[(slot + 1) % SLOTS] ?? 0)
    if (sum(this.#retries) + 1 > ratio * calls + minPerSecond * WINDOW) return false
    // A window that begins with the first call is not ten seconds long yet.
    const age = Math.max(HEAD_START, (now - this.#since) / 1000)
    if (this.#allRetries + 1 > ratio * this.#allCalls + minPerSecond * age) return false
    this.#retries[slot] = (this.#retries[slot] ?? 0) + 1
    this.#allRetries++
    return true
  }

  /** Empties the slots of the seconds that have passed; returns the present one's. */
  #turn(now: number): number {
    const second = Math.floor(now / 1000)
    for (let passed = Math.min(SLOTS, second - this.#second); passed > 0; passed--) {
      const slot = (second - passed + 1) % SLOTS
      this.#calls[slot] = 0
      this.#retries[slot] = 0
    }
    if (second > this.#second) this.#second = second
    return this.#second % SLOTS
  }
}

function sum(list: readonly number[]): number {
  let total = 0
  for (const one of list) total += one
  return total
}
