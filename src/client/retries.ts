import type { TransportError } from '../transport/transport.js'
import type { ClientCall } from './call.js'
import type { ServiceNode } from './service-node.js'

const none: readonly ServiceNode[] = []

/** What one call has tried, and whether it may try again. Made when an attempt has failed. */
export class Retries {
  /** Nodes that the next attempt goes to only where there is no other. */
  tried = none
  #left: number
  #resent = false

  constructor(left: number) {
    this.#left = left
  }

  /** Whether another attempt can do no harm, which is counted then. */
  allows(error: TransportError, call: ClientCall, replayable: boolean, node: ServiceNode): boolean {
    if (error.kind !== 'connect' && error.kind !== 'reset' && error.sent) return false
    if (error.sent && !(call.idempotent && replayable)) return false
    // A connection that the node closed while it was kept says nothing about the node: once, it is not counted.
    const stale = error.sent && error.reused && !this.#resent
    if (stale) this.#resent = true
    else if (this.#left-- <= 0) return false
    else this.tried = [...this.tried, node]
    return true
  }
}
