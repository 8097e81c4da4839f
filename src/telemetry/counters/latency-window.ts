import { requestBounds } from './request-counters.js'
import type { ServiceCounters } from './service-counters.js'

/** How long a service's latest requests took: those since the oldest of so many turns. Whoever shows it turns it. */
export class LatencyWindow {
  readonly #service: ServiceCounters
  /** What had been counted at each turn, the oldest first. */
  readonly #turns: Float64Array[]
  readonly #most: number

  constructor(service: ServiceCounters, turns: number) {
    this.#service = service
    this.#turns = [totals(service)]
    this.#most = turns
  }

  /** Ends a part of the window, and forgets the oldest. */
  turn(): void {
    this.#turns.push(totals(this.#service))
    if (this.#turns.length > this.#most) this.#turns.shift()
  }

  /**
   * Milliseconds that so great a share of the requests took at most, read between the bounds of a bucket; above the
   * last bound nothing is known but that. `undefined` where there was no request.
   */
  quantile(share: number): number | undefined {
    const [oldest] = this.#turns
    const counts = totals(this.#service).map((count, i) => count - (oldest?.[i] ?? 0))
    const all = counts.reduce((sum, count) => sum + count, 0)
    return all === 0 ? undefined : within(counts, share * all)
  }
}

/** Requests in each bucket so far, whoever has answered them. */
function totals({ requests }: ServiceCounters): Float64Array {
  const sums = new Float64Array(requestBounds.length + 1)
  for (const { durations } of requests.values()) {
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (durations.counts[i] ?? 0)
  }
  return sums
}

function within(counts: Float64Array, rank: number): number | undefined {
  let below = 0
  for (let i = 0; i < requestBounds.length; i++) {
    const [from, to, count] = [requestBounds[i - 1] ?? 0, requestBounds[i] ?? 0, counts[i] ?? 0]
    if (count > 0 && below + count >= rank) return from + ((to - from) * (rank - below)) / count
    below += count
  }
  return requestBounds.at(-1)
}
