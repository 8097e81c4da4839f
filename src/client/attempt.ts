import type { Exchange } from '../transport/transport.js'
import type { AttemptOutcome } from './breaker.js'
import type { ServiceNode } from './service-node.js'

/** One attempt at a node: stands in the node's `inFlight` until it is released, and is told to its breaker once. */
export class Attempt {
  readonly node: ServiceNode
  /** `performance.now()`. */
  readonly startedAt: number
  exchange: Exchange | undefined
  #outcome: AttemptOutcome | undefined
  #counted = true

  constructor(node: ServiceNode, startedAt: number, outcome: AttemptOutcome | undefined) {
    this.node = node
    this.startedAt = startedAt
    this.#outcome = outcome
    node.inFlight++
  }

  settle(outcome: keyof AttemptOutcome): void {
    this.#outcome?.[outcome]()
    this.#outcome = undefined
  }

  release(): void {
    if (!this.#counted) return
    this.#counted = false
    this.exchange = undefined
    this.node.inFlight--
  }

  /** Closes its connection: nothing more is heard of it. */
  abort(): void {
    this.exchange?.abort()
    this.release()
  }
}
