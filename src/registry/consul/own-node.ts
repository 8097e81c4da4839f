import type { Expiring } from '../deadlines.js'
import { frozenEndpoints, frozenMetadata, frozenNode } from '../frozen-service.js'
import type { Node, Service } from '../registry.js'
import type { Instance } from './instances.js'
import { type Registration, registrationOf } from './registration.js'

/** A node that was registered here; its deadline is its ttl's end. */
export interface OwnNode extends Expiring {
  readonly key: string
  /** The service's. */
  readonly name: string
  readonly instance: Instance
  readonly registration: Registration
  /** Equal for registrations that are the same. */
  readonly text: string
}

/** `id`: Consul's. */
export function ownNode(service: Service, node: Node, ttl: number | undefined, id: string): OwnNode {
  const registration = registrationOf(service, node, ttl, id)
  const instance: Instance = {
    node: frozenNode(node),
    version: service.version,
    endpoints: frozenEndpoints(service.endpoints),
    metadata: frozenMetadata(service.metadata),
    health: 'good',
    modified: Number.MAX_SAFE_INTEGER,
  }
  const text = JSON.stringify(registration)
  return {
    key: keyOf(service.name, node.id),
    name: service.name,
    instance,
    registration,
    text,
    deadline: 0,
    position: -1,
  }
}

export function keyOf(name: string, nodeId: string): string {
  return JSON.stringify([name, nodeId])
}
