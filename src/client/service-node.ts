import type { Node } from '../registry/registry.js'
import type { Candidate } from './balancer.js'
import type { NodeBreaker } from './breaker.js'

/** A registered node with what this sidecar knows of it. Lives as long as its registration does not change. */
export class ServiceNode implements Candidate {
  readonly id: string
  readonly address: string
  readonly port: number
  readonly metadata: Readonly<Record<string, string>>
  readonly version: string
  inFlight = 0
  /** Its service has it now. One that has left, or that a caller named, gets no breaker: nobody would end that. */
  isListed = false
  /** Made at the first call, so that nodes nobody calls cost nothing. */
  breaker: NodeBreaker | undefined

  constructor(node: Node, version: string) {
    this.id = node.id
    this.address = node.address
    this.port = node.port
    this.metadata = node.metadata
    this.version = version
  }

  isSame(node: Node, version: string): boolean {
    if (node.address !== this.address || node.port !== this.port || version !== this.version) return false
    const keys = Object.keys(node.metadata)
    if (keys.length !== Object.keys(this.metadata).length) return false
    return keys.every((key) => this.metadata[key] === node.metadata[key])
  }
}
