import { Deadlines, type Expiring } from '../deadlines.js'
import type { Registry, Service } from '../registry.js'
import { removalOf } from '../removal.js'
import type { Instance } from './instances.js'
import { NodeTextReader } from './node-text.js'
import { instanceId, instanceName } from './zone.js'

/** Nodes of others that are kept, over all services. */
const mostNodes = 10_000
/** Seconds for which the longest-lived is believed. */
const longestLifetime = 4500
/** Of a lifetime: when it is asked for again, and when for the last time. */
const refreshShares = [0.8, 0.9]
/** Milliseconds in which what was withdrawn here may still come round. */
const echoTime = 1000

interface OtherNode extends Expiring {
  readonly service: string
  readonly id: string
  /** What it was read from: a renewal need not be read again. */
  seen: string
  readonly refresh: Refresh
}

interface Refresh extends Expiring {
  readonly service: string
  lifetime: number
  count: number
}

interface OtherNodesOptions {
  readonly domains: readonly string[]
  /** Where the nodes are put. */
  readonly table: Registry
  /** Asks the network for a service whose nodes are about to end. */
  refresh(service: string): void
  /** There are more than can be kept. */
  onFull(): void
}

/** What was heard of the nodes of others: put in the table as long as they live, and asked for before they end. */
export class OtherNodes {
  readonly #options: OtherNodesOptions
  /** By every name that the instance can have. */
  readonly #nodes = new Map<string, OtherNode>()
  readonly #texts = new NodeTextReader()
  readonly #withdrawn = new Map<string, number>()
  readonly #ends = new Deadlines<OtherNode>((due) => this.#end(due))
  readonly #refreshes = new Deadlines<Refresh>((due) => this.#askAgain(due))
  #full = false

  constructor(options: OtherNodesOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0
  }

  /** Takes in what a message says of an instance. */
  hear({ name, ttl, place, text }: Instance): void {
    const known = this.#nodes.get(name)
    if (ttl === 0 || place === undefined) {
      if (known !== undefined) this.#end([known])
      return
    }
    const seen = `${place.address} ${place.port} ${text}`
    if (known?.seen === seen) this.#live(known, ttl)
    else if (!this.#isEcho(name)) {
      const service = this.#texts.read(text, place, (named) => instanceId(name, named, this.#options.domains))
      if (service !== undefined) this.#keep(service, seen, ttl)
    }
  }

  /** Nodes that were registered here, or removed here: nothing that was heard of them before counts. */
  forget(service: string, ids: readonly string[]): void {
    const names = ids.flatMap((id) => this.#names(service, id))
    for (const node of new Set(names.flatMap((name) => this.#nodes.get(name) ?? []))) this.#drop(node)
  }

  /** What was just withdrawn here comes round once more, as it was announced before. */
  ignoreEcho(service: string, id: string): void {
    const now = performance.now()
    for (const [name, end] of this.#withdrawn) {
      if (end > now) break
      this.#withdrawn.delete(name)
    }
    for (const name of this.#names(service, id)) {
      this.#withdrawn.delete(name)
      this.#withdrawn.set(name, now + echoTime)
    }
  }

  clear(): void {
    this.#ends.clear()
    this.#refreshes.clear()
    this.#nodes.clear()
    this.#withdrawn.clear()
  }

  #keep(service: Service, seen: string, ttl: number): void {
    for (const { id } of service.nodes) {
      const names = this.#names(service.name, id)
      const known = this.#known(names, service.name)
      if (known === undefined && this.#isFull(names.length)) return
      const kept = known ?? otherNode(service.name, id)
      kept.seen = seen
      for (const name of names) this.#nodes.set(name, kept)
      this.#live(kept, ttl)
      this.#options.table.register(service).catch(ignore)
    }
  }

  /** With dots in it, an instance's name can also have been read as that of another service. */
  #known(names: readonly string[], service: string): OtherNode | undefined {
    const known = names.flatMap((name) => this.#nodes.get(name) ?? [])
    this.#end(known.filter((node) => node.service !== service))
    return known.find((node) => node.service === service)
  }

  #isFull(namesOfNode: number): boolean {
    const wasFull = this.#full
    this.#full = this.#nodes.size >= mostNodes * namesOfNode
    if (this.#full && !wasFull) this.#options.onFull()
    return this.#full
  }

  #live(node: OtherNode, ttl: number): void {
    const lifetime = 1000 * Math.min(ttl, longestLifetime)
    this.#ends.set(node, lifetime)
    node.refresh.lifetime = lifetime
    node.refresh.count = 0
    this.#refreshLater(node.refresh)
  }

  #refreshLater(refresh: Refresh): void {
    const [before = 0, share] = [refreshShares[refresh.count - 1], refreshShares[refresh.count]]
    refresh.count++
    if (share !== undefined) this.#refreshes.set(refresh, (share - before) * refresh.lifetime)
  }

  #askAgain(due: readonly Refresh[]): void {
    for (const refresh of due) this.#refreshLater(refresh)
    for (const service of new Set(due.map((refresh) => refresh.service))) this.#options.refresh(service)
  }

  #end(nodes: readonly OtherNode[]): void {
    const services = new Map<string, string[]>()
    for (const node of nodes) {
      this.#drop(node)
      const gone = services.get(node.service)
      if (gone === undefined) services.set(node.service, [node.id])
      else gone.push(node.id)
    }
    for (const [name, gone] of services) this.#options.table.deregister(removalOf(name, gone)).catch(ignore)
  }

  #drop(node: OtherNode): void {
    this.#ends.delete(node)
    this.#refreshes.delete(node.refresh)
    for (const name of this.#names(node.service, node.id)) this.#nodes.delete(name)
  }

  #names(service: string, id: string): string[] {
    return this.#options.domains.map((domain) => instanceName(id, service, domain))
  }

  #isEcho(name: string): boolean {
    return (this.#withdrawn.get(name) ?? 0) >= performance.now()
  }
}

function otherNode(service: string, id: string): OtherNode {
  const refresh = { service, lifetime: 0, count: 0, deadline: 0, position: -1 }
  return { service, id, seen: '', refresh, deadline: 0, position: -1 }
}

function ignore(): void {}
