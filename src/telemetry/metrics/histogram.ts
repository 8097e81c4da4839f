import type { MetricSample } from './family.js'

/** Counts durations by size: plain numbers, so that a request only adds to them. */
export class Histogram {
  /** Milliseconds, rising: the upper end of each bucket but the last, which has none. */
  readonly bounds: readonly number[]
  /** How many fell in each bucket; the last one holds what is above every bound. */
  readonly counts: Float64Array
  /** Milliseconds, of all together. */
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(milliseconds: number): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && milliseconds > (bounds[bucket] ?? 0)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += milliseconds
  }

  /** In seconds, each bucket with what is in those below it, as the text format wants them. */
  *samples(labels: Readonly<Record<string, string>>): Generator<MetricSample, void> {
    let count = 0
    for (let i = 0; i <= this.bounds.length; i++) {
      count += this.counts[i] ?? 0
      const bound = this.bounds[i]
      yield {
        suffix: '_bucket',
        labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound / 1000) },
        value: count,
      }
    }
    yield { suffix: '_sum', labels, value: this.sum / 1000 }
    yield { suffix: '_count', labels, value: count }
  }
}
