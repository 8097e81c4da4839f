import { Deadlines } from '../deadlines.js'
import type { Announcing, OwnNode } from './own-node.js'

/** Milliseconds to the second and the third announcement; to all later ones, the share of a node's lifetime. */
const firstWaits = [1000, 2000]
const laterShare = 0.4

interface OwnNodesHooks {
  /** Their ttl is over; they are no longer among the own nodes. */
  onEnd(nodes: readonly OwnNode[]): void
  /** It is time to announce them again. */
  onAnnounce(nodes: readonly OwnNode[]): void
}

/** The nodes that were registered here: each ends with its ttl, and is announced again and again until then. */
export class OwnNodes {
  readonly #services = new Map<string, Map<string, OwnNode>>()
  readonly #named = new Map<string, OwnNode>()
  readonly #lifetimes: Deadlines<OwnNode>
  readonly #announcements: Deadlines<Announcing>

  constructor(hooks: OwnNodesHooks) {
    this.#lifetimes = new Deadlines((due) => {
      for (const own of due) this.delete(own)
      hooks.onEnd(due)
    })
    this.#announcements = new Deadlines((due) => {
      for (const announcing of due) this.#announceLater(announcing)
      hooks.onAnnounce(due.map((each) => each.of))
    })
  }

  get names(): Iterable<string> {
    return this.#services.keys()
  }

  get all(): readonly OwnNode[] {
    return [...this.#services.values()].flatMap((nodes) => [...nodes.values()])
  }

  get(service: string, id: string): OwnNode | undefined {
    return this.#services.get(service)?.get(id)
  }

  of(service: string): Iterable<OwnNode> {
    return this.#services.get(service)?.values() ?? []
  }

  /** The one whose own name, without a domain, is this. */
  named(name: string): OwnNode | undefined {
    return this.#named.get(name)
  }

  /** Adds or replaces. False: it is there already, looks the same, and lives on for another ttl. */
  put(own: OwnNode, ttl: number | undefined): boolean {
    const known = this.get(own.service, own.node.id)
    if (known?.looksLike(own)) {
      this.#live(known, ttl)
      return false
    }
    if (known !== undefined) this.delete(known)
    const nodes = this.#services.get(own.service) ?? new Map<string, OwnNode>()
    this.#services.set(own.service, nodes.set(own.node.id, own))
    this.#named.set(nameOf(own), own)
    this.#live(own, ttl)
    this.#announceLater(own.announcing)
    return true
  }

  delete(own: OwnNode): void {
    this.#lifetimes.delete(own)
    this.#announcements.delete(own.announcing)
    const nodes = this.#services.get(own.service)
    nodes?.delete(own.node.id)
    this.#named.delete(nameOf(own))
    if (nodes?.size === 0) this.#services.delete(own.service)
  }

  /** Takes them all out. */
  clear(): readonly OwnNode[] {
    const { all } = this
    this.#lifetimes.clear()
    this.#announcements.clear()
    this.#services.clear()
    this.#named.clear()
    return all
  }

  #live(own: OwnNode, ttl: number | undefined): void {
    own.isTemporary = ttl !== undefined
    if (ttl === undefined) this.#lifetimes.delete(own)
    else this.#lifetimes.set(own, ttl)
  }

  #announceLater(announcing: Announcing): void {
    const wait = firstWaits[announcing.count] ?? Math.max(laterShare * 1000 * announcing.of.secondsLeft, 1000)
    announcing.count++
    this.#announcements.set(announcing, wait)
  }
}

function nameOf({ node, service }: OwnNode): string {
  return `${node.id}.${service}`
}
