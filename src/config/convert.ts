import { parseDuration, parseSize } from './durations.js'
import { type SchemaNode, takes } from './schema.js'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A text from the environment or a flag as the value that its place takes: `"3"` is 3 where a number may stand. */
export function convertText(text: string, node: SchemaNode | undefined): unknown {
  const value = text.trim()
  if (takes(node, 'boolean') && (value === 'true' || value === 'false')) return value === 'true'
  if ((takes(node, 'number') || takes(node, 'integer')) && NUMBER.test(value)) return Number(value)
  return node?.kind === undefined ? text : value
}

/** The milliseconds or bytes of a duration or size; `undefined` where the text is none. */
export function amount(value: unknown, kind: 'duration' | 'size'): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  return kind === 'duration' ? parseDuration(value) : parseSize(value)
}

/** A duration or size may be well written and still be out of the node's bounds. */
export function isInBounds(value: number, node: SchemaNode): boolean {
  const { minimum = Number.NEGATIVE_INFINITY, exclusiveMinimum = Number.NEGATIVE_INFINITY } = node
  return value >= minimum && value > exclusiveMinimum && value <= (node.maximum ?? Number.POSITIVE_INFINITY)
}
