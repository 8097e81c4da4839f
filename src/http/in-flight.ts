/** How many calls run, of one configuration or of the whole sidecar; `whole` counts each along. */
export class InFlight {
  count = 0
  readonly #whole: InFlight | undefined
  #waiting: (() => void)[] = []

  constructor(whole?: InFlight) {
    this.#whole = whole
  }

  enter(): void {
    this.count++
    this.#whole?.enter()
  }

  leave(): void {
    this.count--
    if (this.count === 0 && this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve()
    this.#whole?.leave()
  }

  /** Resolves as soon as none runs. */
  idle(): Promise<void> {
    if (this.count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
