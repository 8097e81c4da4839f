import { compile } from 'json-schema-to-typescript'

const BANNER = `// Made by npm run schemas from schemas/micro.schema.json.
import type { BalancerChoice, BrokerChoice, MiddlewareList, PluginList, RegistryChoice } from './slots.js'

/** A partial configuration under \`profiles\`. */
export type ProfileConfig = Omit<MicroConfig, 'profiles' | '$schema'>
`

/** `MicroConfig` and what it is made of; a key that is not available has the type `never`. */
export async function types(schema) {
  return compile(forTypes(schema), 'MicroConfig', {
    bannerComment: BANNER,
    additionalProperties: false,
    unreachableDefinitions: false,
    style: { semi: false, singleQuote: true, printWidth: 120 },
  })
}

function forTypes(node) {
  if (Array.isArray(node)) return node.map(forTypes)
  if (typeof node !== 'object' || node === null) return node
  if (node['x-available'] === false) return unavailable(node)
  if (node.tsType !== undefined) return { description: node.description, tsType: node.tsType }
  const result = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, forTypes(value)]))
  if (node['x-unavailable'] !== undefined) {
    result.enum = node.enum.filter((value) => !node['x-unavailable'].includes(value))
  }
  return result
}

function unavailable(node) {
  const nothing = [node.type].flat().includes('boolean') ? 'false' : 'never'
  return { description: `Not available in this version. ${node.description}`, tsType: nothing }
}
