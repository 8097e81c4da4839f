import type { BreakerSettings } from '../config/settings.js'

/** How much longer an open time may be by chance, so that many sidecars do not try a node at the same moment. */
const jitter = 0.5

/** How long a breaker stays open: twice as long each time, until it has stayed closed for a whole window. */
export class OpenTime {
  readonly #settings: BreakerSettings
  readonly #random: () => number
  #doublings = 0

  constructor(settings: BreakerSettings, random: () => number) {
    this.#settings = settings
    this.#random = random
  }

  /** Milliseconds, for a breaker that opens now after it was closed for `closed` milliseconds. */
  next(closed: number): number {
    const { openTime, maxOpenTime, window } = this.#settings
    if (closed >= window) this.#doublings = 0
    const time = openTime * 2 ** this.#doublings
    return Math.min(time * (1 + jitter * this.#random()), maxOpenTime)
  }

  /** The breaker has opened. */
  grow(): void {
    if (this.#settings.openTime * 2 ** this.#doublings < this.#settings.maxOpenTime) this.#doublings++
  }
}
