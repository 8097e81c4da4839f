import type { Registry, RegistryEvent } from '../registry/registry.js'
import type { ServiceLedger } from '../telemetry/counters/service-ledger.js'
import { ServiceEntry } from './service-entry.js'

/** Milliseconds. A service is forgotten ten minutes after its last call, before the registry may. */
const round = 120_000
const mostIdleRounds = 4

/** What the registry knows, at hand: a known service is found without waiting, and the registry's events keep it true. */
export class Discovery {
  readonly #registry: Registry
  readonly #services: ServiceLedger
  readonly #warn: ((message: string) => void) | undefined
  readonly #entries = new Map<string, ServiceEntry>()
  readonly #lookups = new Map<string, Promise<ServiceEntry | undefined>>()
  #stop: (() => void) | undefined
  #round: NodeJS.Timeout | undefined

  constructor(registry: Registry, services: ServiceLedger, warn?: (message: string) => void) {
    this.#registry = registry
    this.#services = services
    this.#warn = warn
  }

  start(): void {
    this.#stop ??= this.#registry.watch((event) => this.#onEvent(event), { asked: true })
    this.#round ??= setInterval(() => this.#review(), round).unref()
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    clearInterval(this.#round)
    this.#round = undefined
    for (const entry of this.#entries.values()) entry.close()
    this.#entries.clear()
  }

  /** A known service at once; else one look-up, shared by all who ask meanwhile. Unknown names are not kept. */
  find(name: string): ServiceEntry | Promise<ServiceEntry | undefined> {
    const entry = this.#entries.get(name)
    if (entry === undefined) return this.#lookUp(name)
    entry.idleRounds = 0
    return entry
  }

  /** Without asking for it. */
  known(name: string): ServiceEntry | undefined {
    return this.#entries.get(name)
  }

  /** The services that have been called: for `/health`, statistics and tests. */
  get entries(): Iterable<ServiceEntry> {
    return this.#entries.values()
  }

  #lookUp(name: string): Promise<ServiceEntry | undefined> {
    const running = this.#lookups.get(name)
    if (running !== undefined) return running
    const lookup = this.#fetch(name).finally(() => this.#lookups.delete(name))
    this.#lookups.set(name, lookup)
    return lookup
  }

  async #fetch(name: string): Promise<ServiceEntry | undefined> {
    const services = await this.#registry.getService(name)
    const known = this.#entries.get(name)
    if (services.length === 0) {
      known?.close()
      this.#entries.delete(name)
      return undefined
    }
    const entry = known ?? this.#entry(name)
    entry.update(services)
    this.#entries.set(name, entry)
    return entry
  }

  #entry(name: string): ServiceEntry {
    const counters = this.#services.of(name)
    counters.hold()
    return new ServiceEntry(name, counters, this.#warn)
  }

  /** The old nodes serve on until the new list is here; when it does not come they are the last known good. */
  #onEvent(event: RegistryEvent): void {
    const name = event.service.name
    if (this.#entries.has(name) || this.#lookups.has(name)) this.#refresh(name)
  }

  /** Asks again for what is called, which a registry need not follow for ever, and forgets what nobody calls. */
  #review(): void {
    for (const [name, entry] of this.#entries) {
      if (++entry.idleRounds === 1) this.#refresh(name)
      if (entry.idleRounds <= mostIdleRounds) continue
      entry.close()
      this.#entries.delete(name)
    }
  }

  #refresh(name: string): void {
    const before = this.#lookups.get(name)
    const again = before === undefined ? this.#lookUp(name) : before.then(() => this.#lookUp(name))
    again.catch(ignore)
  }
}

function ignore(): void {}
