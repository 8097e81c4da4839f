import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Node, Registry, Service } from '../../registry/registry.js'

export interface RegistryConformanceOptions {
  /** Milliseconds that a change may take to be seen. */
  readonly tolerance?: number
  /** The ttl, in milliseconds, that the tests register with; three times as long passes in them. */
  readonly ttl?: number
  /** Lets time pass; give a fake clock's step here. */
  pass?(milliseconds: number): Promise<unknown>
}

/** What a registry promises, by name, with what shows it. */
export type Checks = Readonly<Record<string, (bench: Bench) => Promise<void>>>

/** One test's registry, names that no other test uses, and its clock. */
export class Bench {
  readonly registry: Registry
  readonly name = `conformance.${randomUUID()}`
  readonly ttl: number
  readonly pass: (milliseconds: number) => Promise<unknown>
  readonly #tolerance: number

  constructor(registry: Registry, options: RegistryConformanceOptions) {
    this.registry = registry
    this.ttl = options.ttl ?? 60
    this.#tolerance = options.tolerance ?? 1000
    this.pass = options.pass ?? ((milliseconds) => wait(milliseconds))
  }

  readonly service = (fields: Partial<Service> = {}): Service => ({
    name: this.name,
    version: '',
    metadata: text({}),
    endpoints: [],
    nodes: [this.node('a')],
    ...fields,
  })

  node(id: string, fields: Partial<Node> = {}): Node {
    return { id: `${this.name}-${id}`, address: '127.0.0.1', port: 1000, metadata: text({}), ...fields }
  }

  async register(fields: Partial<Service>, ttl?: number): Promise<void> {
    await this.registry.register(this.service(fields), ttl === undefined ? undefined : { ttl })
  }

  async deregister(fields: Partial<Service>): Promise<void> {
    await this.registry.deregister(this.service(fields))
  }

  /** `action version: ids` of this test's own service. */
  watch(): string[] {
    const seen: string[] = []
    this.registry.watch(({ action, service }) => {
      if (service.name === this.name) seen.push(`${action} ${this.#line(service)}`)
    })
    return seen
  }

  async shows(name: string, lines: readonly string[]): Promise<void> {
    await this.eventually(async () => {
      const services = await this.registry.getService(name)
      assert.deepEqual(services.map((service) => this.#line(service)).sort(), lines)
    })
  }

  /** Tries again until it holds or the tolerance is over. */
  async eventually(check: () => Promise<void>): Promise<void> {
    for (let waited = 0; ; waited += 10) {
      try {
        return await check()
      } catch (error) {
        if (waited >= this.#tolerance) throw error
        await this.pass(10)
      }
    }
  }

  #line({ version, nodes }: Service): string {
    const ids = nodes.map(({ id }) => id.slice(this.name.length + 1))
    return `${version}: ${ids.sort().join(' ')}`
  }
}

/** Metadata as the contract has it: without a prototype. */
export function text(pairs: Record<string, string>): Record<string, string> {
  return Object.assign(Object.create(null), pairs)
}
