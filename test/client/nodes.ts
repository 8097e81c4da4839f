import type { Balancer } from '../../src/client/balancer.js'
import { random } from '../../src/client/balancers/random.js'
import type { ClientCall } from '../../src/client/call.js'
import { chooseNode } from '../../src/client/choice.js'
import { Client } from '../../src/client/client.js'
import { ServiceEntry } from '../../src/client/service-entry.js'
import type { ServiceNode } from '../../src/client/service-node.js'
import type { BreakerSettings } from '../../src/config/settings.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Service } from '../../src/registry/registry.js'
import { ServiceLedger } from '../../src/telemetry/counters/service-ledger.js'
import { clientCall, serviceSettings } from './calls.js'

export interface Told {
  readonly id: string
  readonly weight?: string
  readonly version?: string
}

export const breaker: BreakerSettings = {
  errorThreshold: 0.5,
  volumeThreshold: 10,
  window: 10_000,
  consecutiveFailures: 5,
  openTime: 1000,
  maxOpenTime: 60_000,
}

/** `a b` or `a:weight:version`, one node each. */
export function told(text: string): Told[] {
  return text.split(' ').map((each) => {
    const [id = '', weight = '', version = ''] = each.split(':')
    return { id, version, ...(weight === '' ? {} : { weight }) }
  })
}

/** A service with nodes, and calls that choose among them. */
export class Bench {
  readonly warnings: string[] = []
  readonly entry = new ServiceEntry('a', new ServiceLedger().of('a'), (message) => this.warnings.push(message))
  readonly client: Client
  readonly balancer: Balancer

  constructor(nodes: string, balancer: Balancer = random()) {
    this.balancer = balancer
    const transport = { name: 'none', send: () => ({ resume() {}, abort() {} }), close: async () => {} }
    this.client = new Client({ registry: memoryRegistry(), transport, balancer: () => balancer })
    this.tell(nodes)
  }

  tell(nodes: string): void {
    const services = new Map<string, Service>()
    for (const { id, weight, version = '' } of told(nodes)) {
      const known = services.get(version) ?? { name: 'a', version, metadata: {}, endpoints: [], nodes: [] }
      const metadata: Record<string, string> = weight === undefined ? {} : { weight }
      // The port goes with the id, so that a node that stays is the same.
      const port = 1000 + (id.codePointAt(0) ?? 0) * 100 + (id.codePointAt(1) ?? 0)
      services.set(version, { ...known, nodes: [...known.nodes, { id, address: '127.0.0.1', port, metadata }] })
    }
    this.entry.update([...services.values()])
  }

  node(id: string): ServiceNode {
    const node = this.entry.nodes.find((one) => one.id === id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  choose(call: Partial<ClientCall> = {}, tried: readonly string[] = []): string | undefined {
    const nodes = tried.map((id) => this.node(id))
    return chooseNode(this.balancer, this.entry, clientCall(call), nodes)?.id
  }

  /** Which ones are chosen, and how often. */
  chosen(times: number, call: (i: number) => Partial<ClientCall> = () => ({})): Record<string, number> {
    const counts: Record<string, number> = {}
    for (let i = 0; i < times; i++) {
      const id = String(this.choose(call(i)))
      counts[id] = (counts[id] ?? 0) + 1
    }
    return counts
  }

  begin(id: string) {
    return this.client.begin(this.entry, this.node(id), breaker)
  }

  /** Opens the breakers of these nodes. */
  fail(...ids: readonly string[]): void {
    for (const id of ids) for (let i = 0; i < 5; i++) this.begin(id)?.fail()
  }
}

/** Calls that carry this cookie. */
export function user(value: string | undefined): Pick<ClientCall, 'value'> {
  return { value: (kind, name) => (kind === 'cookie' && name === 'user' ? value : undefined) }
}

export const sticky = serviceSettings({ sticky: { kind: 'cookie', name: 'user' } })
