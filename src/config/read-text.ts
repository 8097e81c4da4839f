import { allowedText } from './allowed.js'
import { amount, convertText, isInBounds } from './convert.js'
import { type Environment, interpolate } from './interpolate.js'
import type { Path } from './path.js'
import type { SchemaNode } from './schema.js'
import { isSecret, quoted, shown } from './shown.js'

/** Where the reading of one source notes what it meets. */
export interface Reading {
  /** For `${NAME}`; `undefined` where texts stand for themselves. */
  readonly env: Environment | undefined
  /** Texts there may name variables that are not set: an unused profile's. */
  isUnused(path: Path): boolean
  /** False where the source has become too large to go on. */
  enter(path: Path): boolean
  /** What stands at `path` is not looked at again. */
  spoil(path: Path): void
  fault(path: Path, message: string): void
  /** What stands at `path` is never shown. */
  hide(path: Path): void
}

/** A text with its variables filled in, as the value that its place takes. */
export function readText(text: string, node: SchemaNode | undefined, path: Path, reading: Reading): unknown {
  if (reading.env === undefined || !text.includes('${')) return checkAmount(text, node, path, reading)
  const filled = interpolate(text, reading.env)
  if (filled.names.some(isSecret)) reading.hide(path)
  if (filled.malformed !== undefined) {
    const allowed = `allowed: \${NAME} or \${NAME:-default}; $\${ stands for the characters themselves`
    reading.fault(path, `found ${quoted(filled.malformed)}, ${allowed}`)
  }
  if (filled.missing.length > 0 && reading.isUnused(path)) reading.spoil(path)
  else for (const name of filled.missing) reading.fault(path, missingText(name))
  const value = filled.names.length === 0 ? filled.text : convertText(filled.text, node)
  return filled.missing.length > 0 ? value : checkAmount(value, node, path, reading)
}

function missingText(name: string): string {
  return `the environment variable ${name} is not set; allowed: a value for it, or a default: \${${name}:-default}`
}

/** The schema checks how a duration or size is written; how long or large it is, only this can. */
export function checkAmount(value: unknown, node: SchemaNode | undefined, path: Path, reading: Reading): unknown {
  if (node?.kind === undefined) return value
  const found = amount(value, node.kind)
  if (found !== undefined && !isInBounds(found, node)) {
    reading.fault(path, `found ${shown(value)}, allowed: ${allowedText(node)}`)
  }
  return value
}
