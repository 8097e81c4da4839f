import type { MicroError } from '../errors.js'
import type { ClientCall } from './call.js'
import { registryFailed, unknownService } from './call-errors.js'
import type { Client } from './client.js'
import { ServiceEntry } from './service-entry.js'

/** The service that a call is for, at once where it is known; or why there is none. Never rejects. */
export function entryOf(client: Client, call: ClientCall): ServiceEntry | Promise<ServiceEntry | MicroError> {
  if (call.node !== undefined) {
    const single = new ServiceEntry(call.service, client.services.find(call.service))
    single.nodes = [call.node]
    single.whole = client.discovery.known(call.service) ?? single
    return single
  }
  const found = client.discovery.find(call.service)
  if (!(found instanceof Promise)) return found
  const { name } = client.registry
  return found.then(
    (entry) => entry ?? unknownService(call, name),
    (cause: unknown) => registryFailed(call, name, cause),
  )
}
