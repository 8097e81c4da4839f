import type { ServiceSettings } from '../config/settings.js'
import { hashOf } from './rendezvous.js'
import type { ServiceNode } from './service-node.js'

type Wanted = Pick<ServiceSettings, 'version' | 'split'>

/** A version that gets a part of the calls. */
export interface VersionShare {
  readonly version: string
  readonly hash: number
  readonly weight: number
  readonly nodes: readonly ServiceNode[]
}

/** The nodes that the calls of a service may go to: of its version or versions, and none of weight 0. */
export class NodeGroup {
  readonly nodes: readonly ServiceNode[]
  /** Some node's weight is not 1. */
  readonly weighted: boolean
  /** Of the split, those with nodes. Empty where there is no split. */
  readonly shares: readonly VersionShare[]
  readonly #wanted: Wanted
  #closed: readonly ServiceNode[] | undefined

  constructor(nodes: readonly ServiceNode[], wanted: Wanted) {
    const fitting = nodes.filter((node) => node.weight > 0 && isWanted(node.version, wanted))
    this.nodes = fitting.length === nodes.length ? nodes : fitting
    this.weighted = fitting.some(({ weight }) => weight !== 1)
    this.shares = [...(wanted.split ?? [])]
      .map(([version, weight]) => ({ version, weight, hash: hashOf(version), nodes: ofVersion(fitting, version) }))
      .filter((share) => share.nodes.length > 0)
    this.#wanted = wanted
  }

  /** It is what is made of these settings. */
  serves({ version, split }: Wanted): boolean {
    return this.#wanted.version === version && this.#wanted.split === split
  }

  /** Those whose breakers are closed, as the same list until a breaker changes. */
  get closed(): readonly ServiceNode[] {
    this.#closed ??= this.nodes.filter(({ state }) => state === 'closed')
    return this.#closed
  }

  onBreaker(): void {
    this.#closed = undefined
  }

  /** It is a list of this group's own, which comes again and again. */
  owns(list: readonly ServiceNode[]): boolean {
    return list === this.nodes || list === this.#closed || this.shares.some(({ nodes }) => nodes === list)
  }
}

export function ofVersion(nodes: readonly ServiceNode[], version: string): readonly ServiceNode[] {
  return nodes.filter((node) => node.version === version)
}

function isWanted(version: string, { version: only, split }: Wanted): boolean {
  if (only !== undefined) return version === only
  return split === undefined || (split.get(version) ?? 0) > 0
}
