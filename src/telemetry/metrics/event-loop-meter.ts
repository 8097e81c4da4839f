import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { MetricFamily } from './family.js'
import { gauge } from './single.js'

/** Milliseconds between two looks at the event loop. */
const resolution = 20

/** How late the event loop is, from one reading to the next: a maximum that nothing ever lowers would say nothing. */
export class EventLoopMeter {
  #delays: IntervalHistogram | undefined

  families(): MetricFamily[] {
    const delays = this.#start()
    const { count, mean, max } = delays
    const values = { mean, max, p50: delays.percentile(50), p99: delays.percentile(99) }
    delays.reset()
    return Object.entries(values).map(([name, nanoseconds]) =>
      gauge(`nodejs_eventloop_lag_${name}_seconds`, help[name as keyof typeof values], lateness(count, nanoseconds)),
    )
  }

  close(): void {
    this.#delays?.disable()
    this.#delays = undefined
  }

  #start(): IntervalHistogram {
    if (this.#delays !== undefined) return this.#delays
    this.#delays = monitorEventLoopDelay({ resolution })
    this.#delays.enable()
    return this.#delays
  }
}

const help = {
  mean: 'How late the event loop was on average since the reading before.',
  max: 'How late the event loop was at most since the reading before.',
  p50: 'How late the event loop was in half of the cases since the reading before.',
  p99: 'How late the event loop was in all but one of a hundred cases since the reading before.',
}

/** Seconds. What is measured is the time between two looks. */
function lateness(count: number, nanoseconds: number): number {
  return count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolution / 1000)
}
