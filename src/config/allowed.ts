import { type SchemaNode, takes } from './schema.js'
import { quoted } from './shown.js'

/** What may stand at a node, in words. */
export function allowedText(node: SchemaNode): string {
  if (node.allowed !== undefined) return node.allowed
  if (node.enum !== undefined) return listed(available(node).map((value) => quoted(String(value))))
  return (Array.isArray(node.type) ? node.type : [node.type]).map((type) => typeText(node, String(type))).join(' or ')
}

/** The values of an enumeration whose feature is there. */
export function available(node: SchemaNode): readonly unknown[] {
  return (node.enum ?? []).filter((value) => !node.unavailable?.includes(String(value)))
}

/** The keys that may stand in an object. */
export function knownKeys(node: SchemaNode | undefined): readonly string[] {
  return Object.entries(node?.properties ?? {})
    .filter(([key, child]) => child.available !== false && key !== '$schema')
    .map(([key]) => key)
}

/** `a, b or c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function typeText(node: SchemaNode, type: string): string {
  if (type === 'integer') return `a whole number${rangeText(node)}`
  if (type === 'number') return `a number${rangeText(node)}`
  if (type === 'boolean') return 'true or false'
  if (type === 'string') return 'a text'
  if (type === 'array') return node.items === undefined ? 'a list' : `a list, each of it ${allowedText(node.items)}`
  return takes(node, 'object') && node.properties !== undefined
    ? `an object with ${knownKeys(node).join(', ')}`
    : 'an object'
}

function rangeText(node: SchemaNode): string {
  const from = node.exclusiveMinimum === undefined ? node.minimum : `above ${node.exclusiveMinimum}`
  if (from === undefined) return ''
  if (node.maximum === undefined) return `, ${from} or more`
  return node.exclusiveMinimum === undefined ? ` from ${from} to ${node.maximum}` : ` ${from} and up to ${node.maximum}`
}
