import type { RetryBudgetSettings } from '../config/settings.js'
import type { Service } from '../registry/registry.js'
import type { ServiceCounters } from '../telemetry/counters/service-counters.js'
import type { BreakerState } from './breaker.js'
import { RetryBudget } from './retry-budget.js'
import { ServiceNode } from './service-node.js'

/** The nodes of one service as last told by the registry. */
export class ServiceEntry {
  readonly name: string
  readonly counters: ServiceCounters
  /** Replaced, never changed, so that a call may keep it while it runs. */
  nodes: readonly ServiceNode[] = []
  /** How many nodes have a breaker that is not closed: 0 lets a call skip looking at each. */
  impaired = 0
  /** Of a node that is called by its address: its service, where that is known. */
  whole: ServiceEntry = this
  /** Calls that have not ended. */
  inFlight = 0
  /** Reviews since it was last looked for. */
  idleRounds = 0
  /** Made at the first call. */
  #budget: RetryBudget | undefined

  constructor(name: string, counters: ServiceCounters) {
    this.name = name
    this.counters = counters
  }

  /** Nodes that did not change keep their breaker and their count of calls. */
  update(services: readonly Service[]): void {
    const before = new Map(this.nodes.map((node) => [node.id, node]))
    const nodes: ServiceNode[] = []
    for (const service of services) {
      for (const node of service.nodes) {
        const known = before.get(node.id)
        if (known?.isSame(node, service.version)) {
          before.delete(node.id)
          nodes.push(known)
        } else nodes.push(new ServiceNode(node, service.version))
      }
    }
    for (const node of nodes) node.isListed = true
    this.nodes = nodes
    for (const gone of before.values()) this.#retire(gone)
  }

  /** Counts a call in until it leaves; false where there are `most` of them already. */
  admit(most: number, now: number): boolean {
    if (this.inFlight >= most) {
      this.counters.attempts.rejected++
      return false
    }
    this.inFlight++
    this.#budget ??= new RetryBudget(now)
    this.#budget.deposit(now)
    return true
  }

  leave(): void {
    this.inFlight--
  }

  /** Counts a retry, if the service may see one more. */
  allowsRetry(now: number, settings: RetryBudgetSettings): boolean {
    return this.#budget?.withdraw(now, settings) === true
  }

  close(): void {
    for (const node of this.nodes) this.#retire(node)
    this.nodes = []
    this.counters.release(performance.now())
  }

  /** Each node is believed to be well until it shows otherwise. */
  resetBreakers(): void {
    for (const node of this.nodes) this.#reset(node)
  }

  /** The breaker of one of its nodes has changed. */
  onBreaker(state: BreakerState, before: BreakerState): void {
    if (before === 'closed') this.impaired++
    if (state === 'closed') this.impaired--
  }

  #retire(node: ServiceNode): void {
    node.isListed = false
    this.#reset(node)
  }

  #reset(node: ServiceNode): void {
    if (node.breaker !== undefined && node.breaker.state !== 'closed') this.impaired--
    node.breaker?.close()
    node.breaker = undefined
  }
}
