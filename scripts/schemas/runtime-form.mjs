import { follow } from './references.mjs'

/** What the sidecar itself needs of the schema to name faults and fill defaults, references followed. */
export function runtimeForm(schema) {
  const { profiles, $schema, ...settings } = schema.properties
  const properties = Object.fromEntries(Object.entries(settings).map(([key, node]) => [key, compact(schema, node)]))
  return `// Made by npm run schemas from schemas/micro.schema.json.
import type { SchemaNode } from './schema.js'

const properties: Readonly<Record<string, SchemaNode>> = ${JSON.stringify(properties, null, 2)}

/** A whole configuration. */
export const SCHEMA: SchemaNode = {
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    ...properties,
    profiles: { type: 'object', values: { type: 'object', properties } },
  },
}
`
}

/** Standard keyword or annotation → the run-time form's member. */
const MEMBERS = {
  type: 'type',
  enum: 'enum',
  minimum: 'minimum',
  exclusiveMinimum: 'exclusiveMinimum',
  maximum: 'maximum',
  default: 'default',
  'x-allowed': 'allowed',
  'x-kind': 'kind',
  'x-live': 'live',
  'x-names': 'names',
  'x-unavailable': 'unavailable',
  'x-available': 'available',
  'x-secret': 'secret',
  'x-of': 'of',
  'x-default-by-handler': 'defaultByHandler',
}

function compact(schema, reference) {
  const node = follow(schema, reference)
  const result = {}
  for (const [keyword, member] of Object.entries(MEMBERS)) {
    if (node[keyword] !== undefined) result[member] = node[keyword]
  }
  const object = (node.anyOf ?? []).map((each) => follow(schema, each)).find((each) => each.properties !== undefined)
  const { properties = object?.properties, additionalProperties, items } = node
  if (node.anyOf !== undefined) result.type = node.anyOf.map((each) => follow(schema, each).type ?? 'boolean')
  if (properties !== undefined && result.available !== false) {
    result.properties = Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, compact(schema, v)]))
  }
  if (typeof additionalProperties === 'object') result.values = compact(schema, additionalProperties)
  if (items !== undefined && result.available !== false) result.items = compact(schema, items)
  return result
}
