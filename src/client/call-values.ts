import type { BalancedCall } from './balancer.js'
import type { ClientCall } from './call.js'

/** A call as balancers see it. */
export class CallValues implements BalancedCall {
  readonly service: string
  readonly remoteAddress: string | undefined
  readonly weighted: boolean
  readonly lasting: boolean
  readonly #call: ClientCall

  constructor(call: ClientCall, weighted: boolean, lasting: boolean) {
    this.service = call.service
    this.remoteAddress = call.remoteAddress
    this.weighted = weighted
    this.lasting = lasting
    this.#call = call
  }

  hashKey(): string | undefined {
    const { hash } = this.#call.settings
    return (hash === undefined ? undefined : this.#call.value(hash.kind, hash.name)) ?? this.remoteAddress
  }

  header(name: string): string | undefined {
    return this.#call.value('header', name.toLowerCase())
  }

  cookie(name: string): string | undefined {
    return this.#call.value('cookie', name)
  }

  query(name: string): string | undefined {
    return this.#call.value('query', name)
  }
}
