/** How often something may be done: `perSecond` on average, and as much at once. */
export class Allowance {
  readonly #perSecond: number
  #left: number
  #at = performance.now()

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
  }

  /** False when it is used up. */
  take(): boolean {
    const now = performance.now()
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
