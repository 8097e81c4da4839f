export interface ProbeResult {
  readonly healthy: boolean
  /** The HTTP status that the application gave. */
  readonly status?: number
  /** Why it counts as failing. */
  readonly reason?: string
}

/** One look at the application. The signal ends it when its time is over; what it throws counts as failing. */
export type Probe = (signal: AbortSignal) => Promise<ProbeResult>

export interface HealthCheckOptions {
  readonly probe: Probe
  /** Milliseconds from the start of one look to the start of the next. */
  readonly interval: number
  /** Milliseconds of one look. */
  readonly timeout: number
  /** Failures in a row until it is out. */
  readonly unhealthy: number
  /** Successes in a row until it is in again. */
  readonly healthy: number
  /** It is known to be well, so that the first result is one like the others. */
  readonly isWell?: true | undefined
  /** Called when the verdict changes, and with the first result, which counts at once. */
  onChange(healthy: boolean, result: ProbeResult): void
}

/** Until the application has been well once, somebody waits for it. */
const startInterval = 500
/** Looks that run at once where the time of one is longer than the interval. */
const mostAtOnce = 16

/** Looks at the application again and again, whatever becomes of one look, and judges by what comes in a row. */
export class HealthCheck {
  readonly #options: HealthCheckOptions
  readonly #running = new Set<AbortController>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #turn = 0
  #counted = 0
  #healthy: boolean | undefined
  #wasHealthy = false
  #against = 0
  #last: ProbeResult | undefined
  #checkedAt: Date | undefined
  #stopped = false

  constructor(options: HealthCheckOptions) {
    this.#options = options
    this.#healthy = options.isWell
    this.#wasHealthy = options.isWell === true
  }

  /** `undefined` before the first result. */
  get healthy(): boolean | undefined {
    return this.#healthy
  }

  get last(): ProbeResult | undefined {
    return this.#last
  }

  get checkedAt(): Date | undefined {
    return this.#checkedAt
  }

  start(): void {
    if (!this.#stopped) this.#tick()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const abort of this.#running) abort.abort()
    this.#running.clear()
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), this.#pause())
    if (this.#running.size < mostAtOnce) this.#look(++this.#turn)
  }

  /** Sidecars that started together shall not ask together; only ever earlier, so that bounds hold. */
  #pause(): number {
    const { interval } = this.#options
    return (this.#wasHealthy ? interval : Math.min(interval, startInterval)) * (0.9 + Math.random() / 10)
  }

  #look(turn: number): void {
    const abort = new AbortController()
    this.#running.add(abort)
    const { timeout, probe } = this.#options
    const end = (result: ProbeResult) => {
      if (!this.#running.delete(abort)) return
      clearTimeout(timer)
      this.#take(turn, result)
    }
    const timer = setTimeout(() => {
      end(failing(`no answer within ${timeout} ms`))
      abort.abort()
    }, timeout)
    abort.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
    probe(abort.signal).then(end, (error: unknown) => end(failing(reasonOf(error))))
  }

  /** A look that began before the last one counted comes too late to say how things are. */
  #take(turn: number, result: ProbeResult): void {
    if (turn < this.#counted) return
    this.#counted = turn
    this.#last = result
    this.#checkedAt = new Date()
    this.#against = result.healthy === this.#healthy ? 0 : this.#against + 1
    const { healthy, unhealthy } = this.#options
    const needed = this.#healthy === undefined ? 1 : result.healthy ? healthy : unhealthy
    if (this.#against < needed) return
    this.#against = 0
    this.#healthy = result.healthy
    this.#wasHealthy ||= result.healthy
    this.#options.onChange(result.healthy, result)
  }
}

export function failing(reason: string): ProbeResult {
  return { healthy: false, reason }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}
