import { Histogram } from '../metrics/histogram.js'

/** Milliseconds. */
export const requestBounds: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]

/** Requests that have ended, of one handler and service. */
export class RequestCounters {
  /** Those that came, in the order in which they did: hardly ever more than three. */
  readonly codes: number[] = []
  /** How often each came. */
  readonly counts: number[] = []
  readonly durations = new Histogram(requestBounds)

  add(code: number, milliseconds: number): void {
    const i = this.codes.indexOf(code)
    if (i < 0) this.#addFirst(isStatus(code) ? code : 500)
    else this.counts[i] = (this.counts[i] ?? 0) + 1
    // How long a WebSocket was open is no latency.
    if (code !== 101) this.durations.observe(milliseconds)
  }

  #addFirst(code: number): void {
    let i = this.codes.indexOf(code)
    if (i < 0) i = this.codes.push(code) - 1
    this.counts[i] = (this.counts[i] ?? 0) + 1
  }
}

/** A plugin may make errors of any code. */
function isStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 100 && code <= 999
}
