import type { BreakerSettings } from '../config/settings.js'
import type { Registry } from '../registry/registry.js'
import type { Transport } from '../transport/transport.js'
import type { Balancer } from './balancer.js'
import { type AttemptOutcome, BreakerClock, NodeBreaker } from './breaker.js'
import type { CallHandle, CallSink, ClientCall } from './call.js'
import { CallRun } from './call-run.js'
import { Discovery } from './discovery.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

export interface ClientOptions {
  readonly registry: Registry
  readonly transport: Transport
  readonly balancer: (service: string) => Balancer
  /** The longest window of any breaker: all turn with one clock. */
  readonly breakerWindow: number
}

/** Makes every call of the sidecar: discover, pick a node, attempt behind its breaker, try another on failure. */
export class Client {
  readonly registry: Registry
  readonly transport: Transport
  readonly discovery: Discovery
  readonly balancer: (service: string) => Balancer
  readonly #clock: BreakerClock

  constructor(options: ClientOptions) {
    this.registry = options.registry
    this.transport = options.transport
    this.balancer = options.balancer
    this.discovery = new Discovery(options.registry)
    this.#clock = new BreakerClock(options.breakerWindow)
  }

  start(): void {
    this.discovery.start()
  }

  async close(): Promise<void> {
    this.discovery.close()
    this.#clock.close()
    await this.transport.close()
  }

  /** The sink hears nothing before this has returned. */
  send(call: ClientCall, sink: CallSink): CallHandle {
    const run = new CallRun(this, call, sink)
    run.start()
    return run
  }

  /** `undefined` when the breaker is off or every choice is bad, so that the call goes ahead unguarded. */
  begin(entry: ServiceEntry, node: ServiceNode, settings: BreakerSettings | false): AttemptOutcome | undefined {
    if (settings === false) return undefined
    node.breaker ??= new NodeBreaker(settings, this.#clock, (impaired) => {
      entry.impaired += impaired ? 1 : -1
    })
    return node.breaker.admits ? node.breaker.begin() : undefined
  }
}
