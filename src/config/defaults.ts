import { type Data, isData, merge, own, setOwn } from './data.js'
import { isOptions } from './live.js'
import { SCHEMA } from './schema.generated.js'
import { nodeAt, type SchemaNode } from './schema.js'

/** What the defaults depend on beside the schema. */
interface Circumstances {
  readonly handler: 'rpc' | 'proxy'
}

/** The configuration with every default in its place, and each service with all that it takes over from `client`. */
export function withDefaults(config: Data): Data {
  const circumstances: Circumstances = { handler: own(config, 'handler') === 'proxy' ? 'proxy' : 'rpc' }
  const filled = fill(config, SCHEMA, circumstances)
  const format = { format: process.stdout.isTTY ? 'pretty' : 'json' }
  return {
    ...filled,
    log: merge(format, asData(filled.log)),
    services: wholeServices(asData(filled.services), asData(filled.client), circumstances),
  }
}

function wholeServices(services: Data, client: Data, circumstances: Circumstances): Data {
  const node = nodeAt(SCHEMA, ['client']) ?? {}
  const result: Data = {}
  for (const name of Object.keys(services)) {
    setOwn(result, name, fill(merge(client, asData(services[name])), node, circumstances))
  }
  return result
}

function fill(data: Data, node: SchemaNode, circumstances: Circumstances): Data {
  const result = merge(data, {})
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const value = filledValue(own(data, key), child, circumstances)
    if (value !== undefined) setOwn(result, key, value)
  }
  return result
}

function filledValue(value: unknown, node: SchemaNode, circumstances: Circumstances): unknown {
  if (node.available === false) return value
  if (node.live !== undefined) return isOptions(value) ? { name: node.default, ...value } : (value ?? node.default)
  if (value === undefined && node.defaultByHandler !== undefined) return node.defaultByHandler[circumstances.handler]
  if (value === undefined && node.default !== undefined) return structuredClone(node.default)
  if (node.properties === undefined) return value
  return value === undefined || isData(value) ? fill(value ?? {}, node, circumstances) : value
}

function asData(value: unknown): Data {
  return isData(value) ? value : {}
}
