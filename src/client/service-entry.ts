import type { Service } from '../registry/registry.js'
import { ServiceNode } from './service-node.js'

/** The nodes of one service as last told by the registry. */
export class ServiceEntry {
  readonly name: string
  /** Replaced, never changed, so that a call may keep it while it runs. */
  nodes: readonly ServiceNode[] = []
  /** How many nodes have a breaker that is not closed: 0 lets a call skip looking at each. */
  impaired = 0
  /** Reviews since it was last looked for. */
  idleRounds = 0

  constructor(name: string) {
    this.name = name
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
    this.nodes = nodes
    for (const gone of before.values()) this.#retire(gone)
  }

  close(): void {
    for (const node of this.nodes) this.#retire(node)
    this.nodes = []
  }

  #retire(node: ServiceNode): void {
    if (node.breaker !== undefined && node.breaker.state !== 'closed') this.impaired--
    node.breaker?.close()
  }
}
