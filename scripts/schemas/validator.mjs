import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

/** ajv's code for the schema, as an ES module that needs no other: nothing is compiled while the sidecar runs. */
export function validator(schema) {
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    strict: false,
    inlineRefs: false,
    code: { source: true, esm: true },
  })
  const code = standalone.default(ajv, ajv.compile(forValidator(schema)))
  if (code.includes('require(')) throw new Error('The validator needs a helper of ajv: use another keyword')
  return `// Made by npm run schemas from schemas/micro.schema.json.\n${code}\n`
}

export function validatorTypes() {
  return `// Made by npm run schemas from schemas/micro.schema.json.
import type { MicroConfig } from './config.generated.js'

declare const validate: {
  (data: unknown): data is MicroConfig
  errors?: readonly ValidatorError[] | null
}
export default validate

export interface ValidatorError {
  /** A JSON pointer. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}
`
}

function forValidator(node) {
  if (Array.isArray(node)) return node.map(forValidator)
  if (typeof node !== 'object' || node === null) return node
  if (node['x-live'] !== undefined) return {}
  if (node['x-available'] === false) return [node.type].flat().includes('boolean') ? { const: false } : false
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => KEPT.has(key))
      .map(([key, value]) => [key, kept(key, value, node)]),
  )
}

const KEPT = new Set([
  ...['$ref', 'type', 'enum', 'const', 'pattern', 'minimum', 'exclusiveMinimum', 'maximum', 'items', 'anyOf', 'allOf'],
  ...['properties', 'additionalProperties', 'maxProperties', 'definitions'],
])

function kept(key, value, node) {
  if (key === 'enum') return value.filter((each) => !(node['x-unavailable'] ?? []).includes(each))
  if (key === 'properties' || key === 'definitions') {
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, forValidator(child)]))
  }
  return forValidator(value)
}
