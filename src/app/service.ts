import type { AppServiceSettings, SlotChoice } from '../config/settings.js'
import { hostPort, isLoopback } from '../http/address.js'
import type { Registry, Service } from '../registry/registry.js'
import type { Log } from '../telemetry/log.js'
import { advertisedAddress } from './advertised-address.js'
import { nodeId } from './node-id.js'
import { sharedRegistry } from './shared-registry.js'

export interface Surroundings {
  readonly registry: Registry
  readonly choice: SlotChoice<Registry>
  readonly log: Log
}

/** What is registered for the application, under the address that it has now. Says once what is wrong with that. */
export function serviceOf(app: AppServiceSettings, { registry, choice, log }: Surroundings): () => Promise<Service> {
  const { name, version, metadata } = app
  let warned = false
  return async () => {
    const shared = sharedRegistry(registry, choice)
    const { host, port } = await advertisedAddress(app, shared)
    const address = hostPort(host, port)
    if (shared !== undefined && isLoopback(host) && !warned) {
      warned = true
      log.warn(LOOPBACK, { address, registry: registry.name })
    }
    const nodes = [{ id: nodeId(name, address), address: host, port, metadata }]
    return { name, version, metadata: {}, endpoints: [], nodes }
  }
}

const LOOPBACK =
  'THE APPLICATION IS REGISTERED UNDER A LOOPBACK ADDRESS, which other hosts cannot reach: set app.advertise'
