import type { BreakerSettings } from '../config/settings.js'
import type { Registry } from '../registry/registry.js'
import { ServiceLedger } from '../telemetry/counters/service-ledger.js'
import type { Transport } from '../transport/transport.js'
import type { Balancer } from './balancer.js'
import { type AttemptOutcome, NodeBreaker } from './breaker.js'
import type { CallHandle, CallSink, ClientCall } from './call.js'
import { CallRun } from './call-run.js'
import { Discovery } from './discovery.js'
import { ObservedAttempt } from './observed-attempt.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

export interface ClientOptions {
  readonly registry: Registry
  readonly transport: Transport
  readonly balancer: (service: string) => Balancer
  /** Counts the attempts. */
  readonly services?: ServiceLedger
  /** Hears what the operators should know. */
  readonly warn?: (message: string) => void
}

/** Makes every call of the sidecar: discover, pick a node, attempt behind its breaker, try another on failure. */
export class Client {
  readonly registry: Registry
  readonly transport: Transport
  readonly discovery: Discovery
  readonly services: ServiceLedger
  readonly balancer: (service: string) => Balancer

  /** What is known of nodes, and their breakers, are taken over from the client `before` where they fit. */
  constructor(options: ClientOptions, before?: Client) {
    this.registry = options.registry
    this.transport = options.transport
    this.balancer = options.balancer
    this.services = options.services ?? new ServiceLedger()
    this.discovery =
      before?.registry === options.registry
        ? before.discovery
        : new Discovery(options.registry, this.services, options.warn)
  }

  start(): void {
    this.discovery.start()
  }

  /** What it works with, and may share with the client that comes after it. */
  get parts(): readonly object[] {
    return [this.registry, this.transport, this.discovery]
  }

  /** Closes its parts, but for the registry, and but for those that another client goes on with. */
  async close(isShared: (part: object) => boolean = () => false): Promise<void> {
    if (!isShared(this.discovery)) this.discovery.close()
    if (!isShared(this.transport)) await this.transport.close()
  }

  /** Breakers begin anew where their settings are others now. Call it once `before` makes no new calls. */
  follow(before: Client, changed: (service: string) => boolean): void {
    if (before.discovery !== this.discovery) return
    for (const entry of this.discovery.entries) if (changed(entry.name)) entry.resetBreakers()
  }

  /** The sink hears nothing before this has returned. */
  send(call: ClientCall, sink: CallSink): CallHandle {
    const run = new CallRun(this, call, sink)
    run.start()
    return run
  }

  /** `undefined` when nobody wants to know how the attempt goes. */
  begin(entry: ServiceEntry, node: ServiceNode, settings: BreakerSettings | false): AttemptOutcome | undefined {
    const outcome = settings === false || !node.isListed ? undefined : this.#guard(entry, node, settings)
    const balancer = this.balancer(entry.name)
    return balancer.observe === undefined ? outcome : new ObservedAttempt(balancer, node, outcome)
  }

  /** Where every choice was bad, the call goes ahead unguarded. */
  #guard(entry: ServiceEntry, node: ServiceNode, settings: BreakerSettings): AttemptOutcome | undefined {
    node.breaker ??= new NodeBreaker(settings, (state, before) => entry.onBreaker(state, before))
    return node.breaker.admits ? node.breaker.begin() : undefined
  }
}
