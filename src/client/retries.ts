import type { TransportError } from '../transport/transport.js'
import type { Attempt } from './attempt.js'
import { backoff } from './backoff.js'
import type { ClientCall } from './call.js'
import { chooseNode } from './choice.js'
import type { Client } from './client.js'
import { jittered, retryAfter } from './retry-after.js'
import { mishapOf, mishapOfStatus, type Remedy, remedyFor } from './retry-policy.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

const none: readonly ServiceNode[] = []

/** A node that was not tried yet, or, unless the call `move`s, one that could be reached. */
export function nextNode(
  client: Client,
  entry: ServiceEntry,
  call: ClientCall,
  retries: Retries | undefined,
  remedy: Remedy,
): ServiceNode | undefined {
  const balancer = client.balancer(call.service)
  if (retries === undefined) return chooseNode(balancer, entry, call, none)
  const next = chooseNode(balancer, entry, call, retries.tried, true)
  return next !== undefined || remedy === 'move' ? next : chooseNode(balancer, entry, call, retries.unreachable, true)
}

/** What one call has tried, and what it may try yet. Made when an attempt has failed. */
export class Retries {
  readonly tried: ServiceNode[] = []
  /** Those of them that not even a connection led to. */
  readonly unreachable: ServiceNode[] = []
  readonly #call: ClientCall
  #count = 0
  #reopened = false
  /** Milliseconds that the last node wants to be left alone. */
  #asked = 0

  constructor(call: ClientCall) {
    this.#call = call
  }

  afterError(error: TransportError, attempt: Attempt): Remedy {
    const mishap = mishapOf(error)
    const known = mishap === 'stale' && this.#reopened ? 'reset' : mishap
    this.#asked = 0
    return remedyFor(known, 0, this.#call, attempt.replayable)
  }

  afterStatus(status: number, headers: readonly string[], attempt: Attempt): Remedy {
    const asked = retryAfter(headers)
    const mishap = mishapOfStatus(status, asked !== undefined)
    this.#asked = asked ?? 0
    return mishap === undefined ? 'none' : remedyFor(mishap, status, this.#call, attempt.replayable)
  }

  /** Milliseconds until the next attempt, fewer than the `left` ones; `undefined` where there can be none. */
  pause(remedy: Remedy, node: ServiceNode, service: ServiceEntry, now: number, left: number): number | undefined {
    if (remedy === 'none' || left <= 0) return undefined
    if (remedy === 'reopen') {
      this.#reopened = true
      return 0
    }
    if (!this.tried.includes(node)) this.tried.push(node)
    if (remedy === 'retry') return this.#wait(service, now, left)
    this.unreachable.push(node)
    return 0
  }

  #wait(service: ServiceEntry, now: number, left: number): number | undefined {
    const { retries, retryBudget, backoff: limits } = this.#call.settings
    if (this.#count >= retries || this.#asked >= left) return undefined
    const wait = Math.ceil(Math.max(backoff(this.#count + 1, limits), jittered(this.#asked, left)))
    if (wait >= left || !service.allowsRetry(now, retryBudget)) return undefined
    this.#count++
    return wait
  }
}
