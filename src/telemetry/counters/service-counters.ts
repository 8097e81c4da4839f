import { RequestCounters } from './request-counters.js'

/**
 * `rejected`: turned away, by the limit of calls in flight here or by the node (429). An attempt whose caller left is
 * none of them.
 */
export type AttemptEnd = 'ok' | 'error' | 'timeout' | 'connect' | 'reset' | 'rejected'

/** What is counted of one service. */
export class ServiceCounters {
  /** The value of the label. */
  readonly name: string
  readonly attempts: Record<AttemptEnd, number> = { ok: 0, error: 0, timeout: 0, connect: 0, reset: 0, rejected: 0 }
  /** Attempts of a call behind its first. */
  retries = 0
  /** By what has answered: `rpc`, `proxy`, `sdk`, … */
  readonly requests = new Map<string, RequestCounters>()
  /** `performance.now()`. */
  seenAt = 0
  /** Lists of nodes that count here: as long as there is one, the service is there. */
  #holders = 0

  constructor(name: string) {
    this.name = name
  }

  get isHeld(): boolean {
    return this.#holders > 0
  }

  hold(): void {
    this.#holders++
  }

  release(now: number): void {
    this.#holders--
    this.seenAt = now
  }

  request(handler: string, code: number, milliseconds: number): void {
    const counters = this.requests.get(handler) ?? this.#first(handler)
    counters.add(code, milliseconds)
  }

  #first(handler: string): RequestCounters {
    const counters = new RequestCounters()
    this.requests.set(handler, counters)
    return counters
  }
}
