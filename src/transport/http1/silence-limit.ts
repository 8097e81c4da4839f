/** A longer one would run out at once. */
export const LONGEST_TIMER = 2 ** 31 - 1

/** Tells when nothing has come for too long. One timer, however often it starts anew. */
export class SilenceLimit {
  readonly #exceeded: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(exceeded: () => void) {
    this.#exceeded = exceeded
  }

  /** From now on; 0: no limit. */
  start(milliseconds: number): void {
    if (this.#timer !== undefined) this.#timer.refresh()
    else if (milliseconds > 0) this.#timer = setTimeout(this.#exceeded, Math.min(milliseconds, LONGEST_TIMER))
  }

  stop(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
