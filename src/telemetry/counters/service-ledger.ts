import { ServiceCounters } from './service-counters.js'

/** Further services count as unknown ones. */
const mostServices = 2000
/** Milliseconds that a service is remembered after it has left, or was forgotten for lack of calls. */
const retention = 540_000

/** The counters of all services: of those that the registry has told of, and of all other names together. */
export class ServiceLedger {
  readonly #services = new Map<string, ServiceCounters>()
  readonly #now: () => number
  /** What callers invent. A service that is really called so counts here as well. */
  readonly unknown = new ServiceCounters('unknown')
  /** Requests that are for no service. */
  readonly none = new ServiceCounters('')

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** Only for what the registry has told of. */
  of(name: string): ServiceCounters {
    const known = this.#services.get(name)
    if (known !== undefined) {
      known.seenAt = this.#now()
      return known
    }
    if (this.#services.size >= mostServices) this.#prune()
    if (this.#services.size >= mostServices || name === this.unknown.name) return this.unknown
    const counters = new ServiceCounters(name)
    counters.seenAt = this.#now()
    this.#services.set(name, counters)
    return counters
  }

  /** For any name at all. */
  find(name: string): ServiceCounters {
    return name === '' ? this.none : (this.#services.get(name) ?? this.unknown)
  }

  get all(): ServiceCounters[] {
    this.#prune()
    return [...this.#services.values(), this.unknown, this.none]
  }

  #prune(): void {
    const oldest = this.#now() - retention
    for (const [name, counters] of this.#services) {
      if (!counters.isHeld && counters.seenAt < oldest) this.#services.delete(name)
    }
  }
}
