import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import type { MetricFamily } from './family.js'
import { Histogram } from './histogram.js'

/** Milliseconds. */
const bounds = [1, 10, 100, 1000]

const kinds: ReadonlyMap<unknown, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** How long garbage collections took, from the first reading on. */
export class GcMeter {
  readonly #pauses = new Map([...kinds.values()].map((kind) => [kind, new Histogram(bounds)]))
  #observer: PerformanceObserver | undefined

  family(): MetricFamily {
    this.#start()
    const samples = [...this.#pauses].flatMap(([kind, pauses]) => [...pauses.samples({ kind })])
    const help = 'Garbage collections since the first reading, by kind.'
    return { name: 'nodejs_gc_duration_seconds', help, type: 'histogram', samples }
  }

  close(): void {
    this.#observer?.disconnect()
    this.#observer = undefined
  }

  #start(): void {
    if (this.#observer !== undefined) return
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#count(entry)
    })
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  #count(entry: PerformanceEntry): void {
    this.#pauses.get(kinds.get(kindOf(entry)) ?? '')?.observe(entry.duration)
  }
}

function kindOf(entry: object): unknown {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined
}
