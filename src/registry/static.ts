import { setTimeout as wait } from 'node:timers/promises'
import { fileFault } from '../config/files/source.js'
import { MicroError } from '../errors.js'
import type { Log } from '../telemetry/log.js'
import { memoryRegistry } from './memory.js'
import type { RegisterOptions, Registry, RegistryEvent, RegistryStatus, Service } from './registry.js'
import { removalOf } from './removal.js'
import { expanded, namesIn } from './static/expand.js'
import { type NameResolver, systemResolver } from './static/name-resolver.js'
import { Names } from './static/names.js'
import { ServiceFile } from './static/service-file.js'
import { idsOf, type Placed, readServices } from './static/service-list.js'

export interface StaticOptions {
  /** As in the registry's JSON. */
  readonly services?: readonly unknown[] | undefined
  /** A JSON or YAML file with more of them; read again when it changes. */
  readonly file?: string | undefined
  readonly log?: Pick<Log, 'info' | 'warn'> | undefined
  /** Else the system's. */
  readonly resolver?: NameResolver
  /** Milliseconds between two look-ups of a name. */
  readonly lookupInterval?: number
}

/**
 * Services from a list. What is registered beside it lives in this process alone; the list's own nodes can be neither
 * replaced nor removed. Throws a ConfigError for wrong `services`; a wrong file is said in the log.
 */
export function staticRegistry(options: StaticOptions = {}): Registry {
  return new StaticRegistry(options)
}

/** Milliseconds that the first to ask waits for the file and for the names in the list. */
const firstWait = 2000

class StaticRegistry implements Registry {
  readonly name = 'static'
  readonly #options: StaticOptions
  readonly #table = memoryRegistry()
  readonly #names: Names
  readonly #own: readonly Service[]
  #fromFile: readonly Service[] = []
  #file: ServiceFile | undefined
  /** Ids of the list's nodes that are in the table, by service. */
  #listed: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  #ready: Promise<void> | undefined
  #closed = false

  constructor(options: StaticOptions) {
    this.#options = options
    this.#own = readServices(options.services ?? [], ownPlace)
    this.#names = new Names({
      resolver: options.resolver ?? systemResolver(),
      interval: options.lookupInterval ?? 5000,
      onChange: () => this.#apply(),
      onTrouble: (name, trouble) => this.#tellOf(name, trouble),
    })
  }

  async register(service: Service, options?: RegisterOptions): Promise<void> {
    await this.#start()
    this.#checkFree(service)
    await this.#table.register(service, options)
  }

  async deregister(service: Service): Promise<void> {
    await this.#start()
    this.#checkFree(service)
    await this.#table.deregister(service)
  }

  async getService(name: string): Promise<readonly Service[]> {
    await this.#start()
    return this.#table.getService(name)
  }

  async listServices(): Promise<readonly Service[]> {
    await this.#start()
    return this.#table.listServices()
  }

  watch(listener: (event: RegistryEvent) => void): () => void {
    void this.#start()
    return this.#table.watch(listener)
  }

  status(): RegistryStatus {
    const times = [this.#file?.brokenSince, this.#names.staleSince].filter((time) => time !== undefined)
    if (times.length === 0) return { state: 'ok', age: 0 }
    const state = this.#own.length + this.#fromFile.length > 0 ? 'stale' : 'down'
    return { state, age: Math.round(performance.now() - Math.min(...times)) }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#file?.close()
    this.#names.close()
    await this.#table.close()
  }

  /** Ends when the list has been read and its names looked up for the first time, or that takes too long. */
  #start(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    this.#ready ??= this.#firstList()
    return this.#ready
  }

  async #firstList(): Promise<void> {
    const { file, log } = this.#options
    this.#apply()
    if (file !== undefined) {
      this.#file = new ServiceFile({ file, log, take: (services) => this.#take(services) })
      await Promise.race([this.#file.read(), wait(firstWait, undefined, { ref: false })])
    }
    await this.#names.settled(firstWait)
  }

  #take(services: readonly Service[]): void {
    const own = idsOf(this.#own)
    for (const { name, nodes } of services) {
      const twice = nodes.find(({ id }) => own.get(name)?.has(id))
      if (twice === undefined) continue
      throw fileFault(this.#options.file ?? '', `node ${twice.id} of ${name} stands in registry.services too`)
    }
    this.#fromFile = services
    this.#apply()
  }

  /** Puts in what is new before it takes out what is gone, so that a service that moves is never without a node. */
  #apply(): void {
    if (this.#closed) return
    const services = [...this.#own, ...this.#fromFile]
    this.#names.want(namesIn(services))
    const wanted = expanded(services, (name) => this.#names.targets(name))
    const before = this.#listed
    this.#listed = idsOf(wanted)
    for (const service of wanted) void this.#table.register(service)
    for (const [name, ids] of before) {
      const gone = [...ids].filter((id) => !this.#listed.get(name)?.has(id))
      if (gone.length > 0) void this.#table.deregister(removalOf(name, gone))
    }
  }

  #checkFree({ name, nodes }: Service): void {
    const listed = nodes.find(({ id }) => this.#listed.get(name)?.has(id))
    if (listed === undefined) return
    const place = this.#options.file === undefined ? 'the configuration' : `the configuration or ${this.#options.file}`
    const detail = `node ${listed.id} of ${name} stands in the static list: change it there, in ${place}`
    throw new MicroError('go.micro.registry', 409, detail, { reason: 'bad_request' })
  }

  #tellOf(name: string, trouble: string | undefined): void {
    if (trouble === undefined) this.#options.log?.info(`static: ${name} resolves again`)
    else this.#options.log?.warn(`static: ${name} does not resolve: ${trouble}`)
  }
}

const ownPlace: Placed = (index) => ({ source: 'config', path: `registry.services[${index}]` })
