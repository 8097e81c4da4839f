import { hashOf, winner } from './rendezvous.js'
import type { ServiceNode } from './service-node.js'

/** Callers of a service that are remembered at the least. */
const remembered = 10_000

/**
 * Which node each caller was sent to, so that it stays there although others come. Of callers that are not remembered
 * the name alone decides: as long as the nodes are the same, in every sidecar alike.
 */
export class StickyNodes {
  #young = new Map<number, ServiceNode>()
  #old = new Map<number, ServiceNode>()

  /** Callers that are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** `candidates` are of one version, and hold at least one node. */
  pick(value: string, candidates: readonly ServiceNode[], weighted: boolean): ServiceNode {
    const key = keyOf(value)
    const known = this.#find(key)
    if (known !== undefined && candidates.includes(known)) return known
    const index = winner(hashOf(value), candidates, weighted ? candidates : undefined)
    const node = candidates[index] as ServiceNode
    // One that is only out of use for a while gets its callers back.
    if (known?.isListed !== true || known.version !== node.version) this.#keep(key, node)
    return node
  }

  /** Drops nodes that have left. */
  clean(): void {
    for (const map of [this.#young, this.#old]) {
      for (const [key, node] of map) if (!node.isListed) map.delete(key)
    }
  }

  #find(key: number): ServiceNode | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#keep(key, old)
    return old
  }

  /** Two generations in place of an order of use, which would cost a table entry that comes and goes for each call. */
  #keep(key: number, node: ServiceNode): void {
    if (this.#young.size >= remembered) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, node)
  }
}

/** A number is kept in place of the text, which may be long and is nobody's business. */
function keyOf(value: string): number {
  return hashOf(value, 1) * 2 ** 21 + (hashOf(value, 2) >>> 11)
}
