import { isDeepStrictEqual } from 'node:util'
import type { Expiring } from '../deadlines.js'
import { frozenEndpoints, frozenNode } from '../frozen-service.js'
import type { Endpoint, Node, Service } from '../registry.js'
import { writeNodeText } from './node-text.js'

/** Seconds: how long others believe in a node without a word. */
const usualLifetime = 120
const longestLifetime = 4500

/** A node that was registered here, and is announced. */
export class OwnNode implements Expiring {
  deadline = 0
  position = -1
  /** Whether it ends at its deadline. */
  isTemporary = false
  readonly announcing: Announcing = { of: this, count: 0, deadline: 0, position: -1 }
  readonly service: string
  readonly version: string
  readonly endpoints: readonly Endpoint[]
  readonly node: Node
  /** Its one address, or what its name leads to. */
  readonly addresses: readonly string[]
  /** The strings of its TXT record. */
  readonly text: readonly string[]

  constructor(service: Service, node: Node, addresses: readonly string[]) {
    this.service = service.name
    this.version = service.version
    this.endpoints = frozenEndpoints(service.endpoints)
    this.node = frozenNode(node)
    this.addresses = addresses
    this.text = writeNodeText(service, node)
  }

  /** The ttl of its records, which ends less than a second after it. */
  get secondsLeft(): number {
    if (!this.isTemporary) return usualLifetime
    return Math.min(Math.max(Math.ceil((this.deadline - performance.now()) / 1000), 1), longestLifetime)
  }

  /** Whether others would see no difference. */
  looksLike(other: OwnNode): boolean {
    return (
      this.node.port === other.node.port &&
      isDeepStrictEqual(this.addresses, other.addresses) &&
      isDeepStrictEqual(this.text, other.text)
    )
  }
}

/** When a node is announced again. */
export interface Announcing extends Expiring {
  readonly of: OwnNode
  count: number
}
