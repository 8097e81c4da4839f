import { deeperThan, moreValuesThan } from './json-depth.js'
import { list, members, metadata, optionalText, refusal, requiredText } from './json-fields.js'
import { completeNode, namedNode } from './node-json.js'
import type { Endpoint, Node, Service, Value } from './registry.js'

/**
 * Reads a service as go-micro's clients write it, in any case of its keys. Throws a 400 that says which field is
 * wrong. To deregister, nodes need only their ids; their addresses then are not read.
 */
export function parseService(bytes: Uint8Array, use: 'register' | 'deregister'): Service {
  return readService(parseJson(bytes), use === 'register' ? completeNode : namedNode)
}

/** The same of what JSON holds, wherever it came from; `node` reads the elements of `nodes`. */
export function readService(value: unknown, node: (value: unknown, path: string) => Node): Service {
  const service = members(value, 'the service')
  return {
    name: requiredText(service.get('name'), 'name'),
    version: optionalText(service.get('version'), 'version'),
    metadata: metadata(service.get('metadata'), 'metadata'),
    endpoints: list(service.get('endpoints'), 'endpoints', mostElements).map((value, i) =>
      endpoint(value, `endpoints[${i}]`),
    ),
    nodes: distinct(list(service.get('nodes'), 'nodes', mostElements).map((value, i) => node(value, `nodes[${i}]`))),
  }
}

/** The service as the original sidecar writes it: keys in its order, empty lists and maps `null`. */
export function serviceJson(service: Service): object {
  return {
    name: service.name,
    version: service.version,
    metadata: map(service.metadata),
    endpoints: listOrNull(service.endpoints.map(endpointJson)),
    nodes: listOrNull(service.nodes.map(nodeJson)),
  }
}

/** One endpoint as it stands in a service; throws a 400 that says what is wrong. */
export function parseEndpoint(value: unknown): Endpoint {
  return endpoint(value, 'endpoint')
}

/** One endpoint as `serviceJson` writes it. */
export function endpointJson(endpoint: Endpoint): object {
  return {
    name: endpoint.name,
    request: endpoint.request && valueJson(endpoint.request),
    response: endpoint.response && valueJson(endpoint.response),
    metadata: map(endpoint.metadata),
  }
}

const deepest = 64
const mostElements = 10_000
/** Enough for so many nodes. */
const mostValues = 100_000

function parseJson(bytes: Uint8Array): unknown {
  if (deeperThan(deepest, bytes)) throw refusal(`the body nests deeper than ${deepest} levels`)
  if (moreValuesThan(mostValues, bytes)) throw refusal(`the body holds more than ${mostValues} values`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8'
    throw refusal(`the body must be a service as JSON: ${why}`)
  }
}

function distinct(nodes: readonly Node[]): readonly Node[] {
  if (nodes.length === 0) throw refusal('nodes must hold at least one node')
  const ids = new Map<string, number>()
  nodes.forEach(({ id }, i) => {
    const before = ids.get(id)
    if (before !== undefined) throw refusal(`nodes[${i}].id must be unique, but nodes[${before}].id is the same`)
    ids.set(id, i)
  })
  return nodes
}

function endpoint(value: unknown, path: string): Endpoint {
  const fields = members(value, path)
  return {
    name: optionalText(fields.get('name'), `${path}.name`),
    request: valueOrNull(fields.get('request'), `${path}.request`),
    response: valueOrNull(fields.get('response'), `${path}.response`),
    metadata: metadata(fields.get('metadata'), `${path}.metadata`),
  }
}

function valueOrNull(value: unknown, path: string): Value | null {
  if (value === undefined || value === null) return null
  const fields = members(value, path)
  const values = list(fields.get('values'), `${path}.values`, mostElements)
  return {
    name: optionalText(fields.get('name'), `${path}.name`),
    type: optionalText(fields.get('type'), `${path}.type`),
    values: values.length === 0 ? null : values.flatMap((item, i) => valueOrNull(item, `${path}.values[${i}]`) ?? []),
  }
}

function valueJson(value: Value): object {
  return { name: value.name, type: value.type, values: value.values && listOrNull(value.values.map(valueJson)) }
}

function nodeJson(node: Node): object {
  return { id: node.id, address: node.address, port: node.port, metadata: map(node.metadata) }
}

function listOrNull(items: readonly object[]): readonly object[] | null {
  return items.length === 0 ? null : items
}

function map(pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  return Object.keys(pairs).length === 0 ? null : pairs
}
