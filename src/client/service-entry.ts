import type { RetryBudgetSettings, ServiceSettings } from '../config/settings.js'
import type { Node, Service } from '../registry/registry.js'
import type { ServiceCounters } from '../telemetry/counters/service-counters.js'
import type { BreakerState } from './breaker.js'
import { NodeGroup } from './node-group.js'
import { RetryBudget } from './retry-budget.js'
import { ServiceNode } from './service-node.js'
import { StickyNodes } from './sticky-nodes.js'
import { weightIn } from './weight.js'

/** The nodes of one service as last told by the registry. */
export class ServiceEntry {
  readonly name: string
  readonly counters: ServiceCounters
  /** Replaced, never changed, so that a call may keep it while it runs. */
  nodes: readonly ServiceNode[] = []
  /** How many nodes have a breaker that is not closed: 0 lets a call skip looking at each. */
  impaired = 0
  /** How many of those wait for a call that tries them. */
  halfOpen = 0
  /** Of a node that is called by its address: its service, where that is known. */
  whole: ServiceEntry = this
  /** Calls that have not ended. */
  inFlight = 0
  /** Reviews since it was last looked for. */
  idleRounds = 0
  readonly #warn: ((message: string) => void) | undefined
  /** Made at the first call. */
  #budget: RetryBudget | undefined
  #group: NodeGroup | undefined
  #sticky: StickyNodes | undefined
  #hasWarned = false

  /** `warn` hears, once, that a weight is none. */
  constructor(name: string, counters: ServiceCounters, warn?: (message: string) => void) {
    this.name = name
    this.counters = counters
    this.#warn = warn
  }

  /** Those that calls with these settings may go to. */
  group(settings: ServiceSettings): NodeGroup {
    if (this.#group?.serves(settings) !== true) this.#group = new NodeGroup(this.nodes, settings)
    return this.#group
  }

  /** Which nodes its callers were last sent to. */
  get sticky(): StickyNodes {
    this.#sticky ??= new StickyNodes()
    return this.#sticky
  }

  /** A node that is still at its address keeps its breaker and its count of calls; a list that is the same stays. */
  update(services: readonly Service[]): void {
    const before = new Map(this.nodes.map((node) => [node.id, node]))
    let reweighed = false
    const nodes = services.flatMap(({ version, nodes: told }) =>
      told.map((node) => {
        this.#checkWeight(node)
        const known = before.get(node.id)
        if (known?.isSame(node, version) !== true) return new ServiceNode(node, version)
        before.delete(node.id)
        reweighed = known.describe(node.metadata) || reweighed
        return known
      }),
    )
    if (!reweighed && nodes.length === this.nodes.length && nodes.every((node, i) => node === this.nodes[i])) return
    for (const node of nodes) node.isListed = true
    this.nodes = nodes
    this.#group = undefined
    for (const gone of before.values()) this.#retire(gone)
    if (before.size > 0) this.#sticky?.clean()
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
    this.#group = undefined
    this.counters.release(performance.now())
  }

  /** Each node is believed to be well until it shows otherwise. */
  resetBreakers(): void {
    for (const node of this.nodes) this.#reset(node)
  }

  /** The breaker of one of its nodes has changed. */
  onBreaker(state: BreakerState, before: BreakerState): void {
    this.#count(before, -1)
    this.#count(state, 1)
    this.#group?.onBreaker()
  }

  #count(state: BreakerState, by: number): void {
    if (state !== 'closed') this.impaired += by
    if (state === 'half-open') this.halfOpen += by
  }

  #retire(node: ServiceNode): void {
    node.isListed = false
    this.#reset(node)
  }

  #reset(node: ServiceNode): void {
    this.onBreaker('closed', node.state)
    node.breaker?.close()
    node.breaker = undefined
  }

  #checkWeight(node: Node): void {
    if (this.#hasWarned || this.#warn === undefined || weightIn(node.metadata) !== undefined) return
    this.#hasWarned = true
    const weight = JSON.stringify(String(node.metadata.weight).slice(0, 60))
    this.#warn(
      `node ${node.id} of ${this.name} has the weight ${weight}, which is no number of 0 or more: it counts as 1`,
    )
  }
}
