interface Turn {
  readonly signal: AbortSignal
  readonly take: () => void
}

/** How many requests a backend gets that brought nothing of late: one an interval, in the order in which they come. */
export class Allowance {
  readonly #interval: number
  readonly #turns: Turn[] = []
  #left = 1
  #since = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(interval: number) {
    this.#interval = interval
  }

  /** Somebody waits for a turn. */
  get isShort(): boolean {
    return this.#turns.length > 0
  }

  /** Resolves at this one's turn; when the signal ends it, at once. */
  take(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const turn: Turn = {
        signal,
        take: () => {
          signal.removeEventListener('abort', turn.take)
          resolve()
        },
      }
      signal.addEventListener('abort', turn.take, { once: true })
      this.#turns.push(turn)
      this.#serve()
    })
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const turn of this.#turns.splice(0)) turn.take()
  }

  #serve(): void {
    this.#refill()
    while (this.#turns.length > 0 && this.#left >= 1) {
      const turn = this.#turns.shift()
      if (turn === undefined || turn.signal.aborted) continue
      this.#left--
      turn.take()
    }
    if (this.#turns.length > 0) this.#wait()
  }

  #refill(): void {
    const now = performance.now()
    this.#left = Math.min(1, this.#left + (now - this.#since) / this.#interval)
    this.#since = now
  }

  #wait(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#serve(), Math.ceil((1 - this.#left) * this.#interval))
    this.#timer.unref()
  }
}
