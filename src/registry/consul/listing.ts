import { isDeepStrictEqual } from 'node:util'
import { Deadlines, type Expiring } from '../deadlines.js'
import type { RegistryEvent, Service } from '../registry.js'
import type { Instance } from './instances.js'

/** How far an answer of Consul's can be trusted: after an outage it may not know yet what it knew before. */
export type Doubt = 'none' | 'outage' | 'lost'

/** A node that is still called although Consul does not tell of it, or tells that its registration lapsed. */
interface Kept extends Expiring {
  readonly listing: Listing
  readonly instance: Instance
  wasThere: boolean
}

/** Lets nodes go that did not come back. */
export function keeping(onChange: (listing: Listing, events: readonly RegistryEvent[]) => void): Deadlines<Kept> {
  return new Deadlines<Kept>((due) => {
    for (const { listing, instance } of due) onChange(listing, listing.forget(instance.node.id))
  })
}

export interface ListingOptions {
  readonly keeping: Deadlines<Kept>
  /** Milliseconds. */
  readonly grace: number
  /** Nodes of that service that were registered here and that Consul has not shown yet. */
  own(name: string): readonly Instance[]
}

/** What is known of one service. */
export class Listing {
  readonly name: string
  readonly #options: ListingOptions
  readonly #kept = new Map<string, Kept>()
  #good: ReadonlyMap<string, Instance> = new Map()
  #signature: string | undefined
  #services: readonly Service[] = Object.freeze([])

  constructor(name: string, options: ListingOptions) {
    this.name = name
    this.#options = options
  }

  /** One element a version; frozen, and the same until something changes. */
  get services(): readonly Service[] {
    return this.#services
  }

  get isEmpty(): boolean {
    return this.#services.length === 0
  }

  /** Whether these are others than Consul told last, or in another state. */
  isNews(found: readonly Instance[]): boolean {
    return signature(found) !== this.#signature
  }

  apply(found: readonly Instance[], doubt: Doubt): readonly RegistryEvent[] {
    const good = new Map(found.filter(({ health }) => health === 'good').map((one) => [one.node.id, one]))
    const there = new Map(found.map((one) => [one.node.id, one]))
    if (doubt !== 'none') this.#keep(good, there, doubt)
    for (const [id, kept] of this.#kept) {
      const now = there.get(id)
      const left = kept.wasThere && now === undefined && doubt === 'none'
      if (now?.health === 'good' || now?.health === 'bad' || left) this.#drop(id)
      else kept.wasThere = now !== undefined
    }
    this.#good = good
    this.#signature = signature(found)
    return this.refresh()
  }

  /** What changed with the nodes that were registered here. */
  refresh(): readonly RegistryEvent[] {
    const members = new Map(this.#good)
    for (const [id, { instance }] of this.#kept) members.set(id, instance)
    for (const instance of this.#options.own(this.name)) {
      if (!members.has(instance.node.id)) members.set(instance.node.id, instance)
    }
    const before = this.#services
    this.#services = grouped(this.name, [...members.values()], before)
    return changes(before, this.#services)
  }

  /** A node is kept no longer. */
  forget(id: string): readonly RegistryEvent[] {
    this.#drop(id)
    return this.refresh()
  }

  close(): void {
    for (const id of this.#kept.keys()) this.#drop(id)
  }

  #keep(good: ReadonlyMap<string, Instance>, there: ReadonlyMap<string, Instance>, doubt: Doubt): void {
    for (const [id, instance] of this.#good) {
      const now = there.get(id)
      if (good.has(id) || this.#kept.has(id) || now?.health === 'bad') continue
      if (now === undefined && doubt !== 'lost') continue
      const kept = { listing: this, instance, wasThere: now !== undefined, deadline: 0, position: -1 }
      this.#kept.set(id, kept)
      this.#options.keeping.set(kept, this.#options.grace)
    }
  }

  #drop(id: string): void {
    const kept = this.#kept.get(id)
    if (kept === undefined) return
    this.#kept.delete(id)
    this.#options.keeping.delete(kept)
  }
}

function signature(found: readonly Instance[]): string {
  return found.map(({ node, modified, health }) => `${node.id} ${modified} ${health}`).join('\n')
}

/** The services as they were, where nothing of them changed. */
function grouped(name: string, members: Instance[], before: readonly Service[]): readonly Service[] {
  const versions = new Map<string, Instance[]>()
  for (const member of members.sort((a, b) => (a.node.id < b.node.id ? -1 : 1))) {
    const others = versions.get(member.version)
    if (others === undefined) versions.set(member.version, [member])
    else others.push(member)
  }
  const services = [...versions.values()].map((instances) => {
    const service = described(name, instances)
    const known = before.find(({ version }) => version === service.version)
    return known !== undefined && isDeepStrictEqual(known, service) ? known : service
  })
  return Object.freeze(services)
}

/** The newest registration describes the version. */
function described(name: string, instances: readonly Instance[]): Service {
  const newest = instances.reduce((a, b) => (b.modified > a.modified ? b : a))
  const { version, metadata, endpoints } = newest
  return Object.freeze({ name, version, metadata, endpoints, nodes: Object.freeze(instances.map(({ node }) => node)) })
}

function changes(before: readonly Service[], after: readonly Service[]): readonly RegistryEvent[] {
  const events: RegistryEvent[] = []
  for (const service of after) {
    const known = before.find(({ version }) => version === service.version)
    if (known !== service) events.push({ action: known === undefined ? 'create' : 'update', service })
  }
  for (const service of before) {
    if (!after.some(({ version }) => version === service.version)) events.push({ action: 'delete', service })
  }
  return events
}
