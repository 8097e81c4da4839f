import type { Balancer } from './balancer.js'
import type { AttemptOutcome } from './breaker.js'
import type { ServiceNode } from './service-node.js'

/** An attempt of which the balancer hears too. */
export class ObservedAttempt implements AttemptOutcome {
  readonly #balancer: Balancer
  readonly #node: ServiceNode
  readonly #outcome: AttemptOutcome | undefined
  readonly #startedAt = performance.now()

  constructor(balancer: Balancer, node: ServiceNode, outcome: AttemptOutcome | undefined) {
    this.#balancer = balancer
    this.#node = node
    this.#outcome = outcome
  }

  succeed(): void {
    this.#outcome?.succeed()
    this.#tell(false, undefined)
  }

  fail(retryAfter?: number): void {
    this.#outcome?.fail()
    this.#tell(true, retryAfter)
  }

  refuse(retryAfter?: number): void {
    this.#outcome?.refuse()
    this.#tell(true, retryAfter)
  }

  forget(): void {
    this.#outcome?.forget()
  }

  #tell(failed: boolean, retryAfter: number | undefined): void {
    try {
      this.#balancer.observe?.(this.#node, { latency: performance.now() - this.#startedAt, failed, retryAfter })
    } catch {
      // The call has its answer; a balancer that stumbles over what it hears must not take that away.
    }
  }
}
