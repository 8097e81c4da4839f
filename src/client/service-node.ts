import type { Node } from '../registry/registry.js'
import type { Candidate } from './balancer.js'
import type { BreakerState, NodeBreaker } from './breaker.js'
import { hashOf } from './rendezvous.js'
import { weightIn } from './weight.js'

/** A registered node with what this sidecar knows of it. Lives as long as it is registered at its address. */
export class ServiceNode implements Candidate {
  readonly id: string
  readonly address: string
  readonly port: number
  readonly version: string
  /** What users stick to a node by. */
  readonly hash: number
  metadata: Readonly<Record<string, string>>
  /** 0: gets no calls, and is no candidate. */
  weight: number
  inFlight = 0
  /** Its service has it now. One that has left, or that a caller named, gets no breaker: nobody would end that. */
  isListed = false
  /** Made at the first call, so that nodes nobody calls cost nothing. */
  breaker: NodeBreaker | undefined

  constructor(node: Node, version: string) {
    this.id = node.id
    this.address = node.address
    this.port = node.port
    this.version = version
    this.hash = hashOf(node.id)
    this.metadata = node.metadata
    this.weight = weightIn(node.metadata) ?? 1
  }

  get state(): BreakerState {
    return this.breaker?.state ?? 'closed'
  }

  isSame(node: Node, version: string): boolean {
    return node.address === this.address && node.port === this.port && version === this.version
  }

  /** Takes over what a registration says anew. Returns whether its weight is another one now. */
  describe(metadata: Readonly<Record<string, string>>): boolean {
    const before = this.weight
    this.metadata = metadata
    this.weight = weightIn(metadata) ?? 1
    return this.weight !== before
  }
}
