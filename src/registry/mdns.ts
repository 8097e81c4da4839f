import { setTimeout as wait } from 'node:timers/promises'
import { MicroError } from '../errors.js'
import type { Log } from '../telemetry/log.js'
import { refusal } from './json-fields.js'
import { addressesOf } from './mdns/addresses.js'
import { Conversation } from './mdns/conversation.js'
import { isDnsName } from './mdns/dns-message.js'
import { Lookups } from './mdns/lookups.js'
import { OtherNodes } from './mdns/other-nodes.js'
import { OwnNode } from './mdns/own-node.js'
import { OwnNodes } from './mdns/own-nodes.js'
import { ServiceNames } from './mdns/service-names.js'
import { bothDomains, instanceName, isAskable, listing } from './mdns/zone.js'
import { memoryRegistry } from './memory.js'
import type { RegisterOptions, Registry, RegistryEvent, RegistryStatus, Service } from './registry.js'
import { removalOf } from './removal.js'

export interface MdnsOptions {
  /** `local` or `micro`; else both. */
  readonly domain?: string | undefined
  /** The name or the address of the one interface to use; else all. */
  readonly interface?: string | undefined
  /** 5353, but for tests. */
  readonly port?: number
  readonly log?: Pick<Log, 'warn'> | undefined
}

/** go-micro's registry without a server: each sidecar announces its nodes to the network, and hears of the others'. */
export function mdnsRegistry(options: MdnsOptions = {}): Registry {
  return new MdnsRegistry(options)
}

/** Milliseconds that the last words may take. */
const farewellTime = 500

class MdnsRegistry implements Registry {
  readonly name = 'mdns'
  readonly #domains: readonly string[]
  /** Everything that is known, of one's own and of others'. */
  readonly #table = memoryRegistry()
  readonly #own: OwnNodes
  readonly #others: OtherNodes
  readonly #names = new ServiceNames()
  readonly #lookups: Lookups
  readonly #conversation: Conversation
  #closed = false

  constructor({ domain, interface: wanted, port = 5353, log }: MdnsOptions) {
    this.#domains = domain === undefined ? bothDomains : [domain.replace(/\.$/, '')]
    this.#own = new OwnNodes({
      onEnd: (nodes) => this.#end(nodes),
      onAnnounce: (nodes) => this.#conversation.announce(nodes),
    })
    this.#lookups = new Lookups((service) => this.#conversation.ask(service))
    this.#others = new OtherNodes({
      domains: this.#domains,
      table: this.#table,
      refresh: (service) => this.#lookups.askLater(service),
      onFull: () => log?.warn('mdns: the network announces more nodes than can be kept; new ones are left out'),
    })
    this.#conversation = new Conversation({
      domains: this.#domains,
      own: this.#own,
      port,
      interface: wanted,
      onInstance: (instance) => this.#others.hear(instance),
      onName: (service) => this.#hearOf(service),
      onLink: () => this.#greet(),
      onTrouble: (trouble) => log?.warn(`mdns: ${trouble}`),
    })
    this.#table.watch((event) => this.#follow(event))
  }

  async register(service: Service, { ttl }: RegisterOptions = {}): Promise<void> {
    this.#check(service, ttl)
    const nodes = await Promise.all(
      service.nodes.map(async (node) => new OwnNode(service, node, await addressesOf(node))),
    )
    this.#checkOpen()
    const ids = nodes.map(({ node }) => node.id)
    this.#others.forget(service.name, ids)
    await this.#table.register(service)
    const fresh = nodes.filter((own) => this.#own.put(own, ttl))
    void this.#conversation.network
      .open()
      .then(() => this.#conversation.announce(fresh.filter((own) => this.#has(own))))
  }

  /** A node of somebody else's is only forgotten: it comes back when it is announced again. */
  async deregister(service: Service): Promise<void> {
    const ids = service.nodes.map(({ id }) => id)
    const own = ids.flatMap((id) => this.#own.get(service.name, id) ?? [])
    for (const each of own) this.#own.delete(each)
    this.#others.forget(service.name, ids)
    await this.#table.deregister(service)
    await this.#withdraw(own)
  }

  async getService(name: string): Promise<readonly Service[]> {
    const known = await this.#table.getService(name)
    if (known.length > 0 || this.#closed || !isAskable(name, this.#domains)) return known
    await this.#conversation.network.open()
    await this.#lookups.find(name)
    return this.#table.getService(name)
  }

  async listServices(): Promise<readonly Service[]> {
    await this.#conversation.network.open()
    await this.#lookups.find(listing)
    const known = await this.#table.listServices()
    const names = new Set(known.map(({ name }) => name))
    return [...known, ...this.#names.except(names)]
  }

  watch(listener: (event: RegistryEvent) => void): () => void {
    if (!this.#closed) void this.#conversation.network.open()
    return this.#table.watch(listener)
  }

  /** Without a network, what was heard before it went is believed until its time is over. */
  status(): RegistryStatus {
    const { downSince } = this.#conversation.network
    if (downSince === undefined) return { state: 'ok', age: 0 }
    return { state: this.#others.isEmpty ? 'down' : 'stale', age: Math.round(performance.now() - downSince) }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const own = this.#own.clear()
    this.#others.clear()
    this.#lookups.close()
    await this.#table.close()
    await Promise.race([this.#conversation.withdraw(own), wait(farewellTime, undefined, { ref: false })])
    this.#conversation.network.close()
  }

  #check(service: Service, ttl: number | undefined): void {
    this.#checkOpen()
    if (service.nodes.length === 0) throw refusal(`nodes of ${service.name} must hold at least one node`)
    if (ttl !== undefined && !(ttl > 0 && Number.isFinite(ttl))) throw refusal(`ttl must be above 0 ms, not ${ttl}`)
    for (const { id } of service.nodes) {
      const names = this.#domains.map((domain) => instanceName(id, service.name, domain))
      if (isAskable(service.name, this.#domains) && names.every(isDnsName)) continue
      const allowed = 'parts of 1 to 63 bytes between dots, and 250 bytes for both together'
      throw refusal(`mdns cannot announce node ${id} of ${service.name}: allowed are ${allowed}`)
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new MicroError('go.micro.registry', 503, 'the registry is closed', { reason: 'draining' })
  }

  #has(own: OwnNode): boolean {
    return this.#own.get(own.service, own.node.id) === own
  }

  /** Their ttl is over. */
  #end(nodes: readonly OwnNode[]): void {
    for (const { service, node } of nodes) void this.#table.deregister(removalOf(service, [node.id]))
    void this.#withdraw(nodes)
  }

  async #withdraw(nodes: readonly OwnNode[]): Promise<void> {
    for (const { service, node } of nodes) this.#others.ignoreEcho(service, node.id)
    await this.#conversation.withdraw(nodes)
  }

  /** On a network that was not there before. */
  #greet(): void {
    this.#conversation.ask(listing)
    this.#conversation.announce(this.#own.all)
  }

  #hearOf(service: string): void {
    if (!isAskable(service, this.#domains)) return
    if (this.#names.add(service)) this.#lookups.askLater(service)
  }

  /** Whoever comes first need not be the only one: the others are asked for. */
  async #follow({ action, service: { name } }: RegistryEvent): Promise<void> {
    if (action !== 'delete') {
      this.#lookups.heard(name)
      this.#hearOf(name)
    } else if ((await this.#table.getService(name)).length === 0) this.#names.delete(name)
  }
}
