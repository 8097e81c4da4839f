import type { Endpoint, Node, Value } from './registry.js'

/** Copies that neither the giver nor a taker can change. */
export function frozenNode(node: Node): Node {
  return Object.freeze({
    id: node.id,
    address: node.address,
    port: node.port,
    metadata: frozenMetadata(node.metadata),
  })
}

export function frozenEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return Object.freeze(endpoints.map(frozenEndpoint))
}

/** Without a prototype, so that `__proto__` is a key like any other. */
export function frozenMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const copy: Record<string, string> = Object.create(null)
  for (const [key, value] of Object.entries(metadata)) copy[key] = value
  return Object.freeze(copy)
}

function frozenEndpoint(endpoint: Endpoint): Endpoint {
  return Object.freeze({
    name: endpoint.name,
    request: endpoint.request && frozenValue(endpoint.request),
    response: endpoint.response && frozenValue(endpoint.response),
    metadata: frozenMetadata(endpoint.metadata),
  })
}

function frozenValue(value: Value): Value {
  return Object.freeze({
    name: value.name,
    type: value.type,
    values: value.values && Object.freeze(value.values.map(frozenValue)),
  })
}
