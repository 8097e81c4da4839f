import type { ConfigFault } from '../errors.js'
import { allowedText, available, knownKeys } from './allowed.js'
import { valueAt } from './data.js'
import { faultAt, type Layer } from './layer.js'
import { nearest } from './nearest.js'
import { type Path, pathText, startsWith } from './path.js'
import { SCHEMA } from './schema.generated.js'
import { nodeAt, type SchemaNode } from './schema.js'
import { isSecret, quoted, shown } from './shown.js'
import { UNAVAILABLE } from './unavailable.js'
import validate, { type ValidatorError } from './validator.generated.js'

/** Where a layer is not what the schema allows. */
export function faultyPaths(layer: Layer): readonly Path[] {
  if (validate(layer.data)) return []
  const paths = new Map((validate.errors ?? []).map(pathOf).map((path) => [pathText(path), path]))
  const all = [...paths.values()]
  // Of alternatives, all say what they miss; a fault inside one tells more than the fault of the whole.
  const isWhole = (path: Path) => all.some((other) => other !== path && startsWith(other, path))
  const isSpoiled = (path: Path) => layer.spoiled.some((start) => startsWith(path, start))
  return all.filter((path) => !isWhole(path) && !isSpoiled(path))
}

/** What is wrong at a path that the validator refused. */
export function schemaFault(layer: Layer, path: Path): ConfigFault {
  return faultAt(layer.locate(path), path, message(layer, path))
}

function message(layer: Layer, path: Path): string {
  const node = nodeAt(SCHEMA, path)
  const value = valueAt(layer.data, path)
  if (node === undefined) return unknownKey(path)
  if (node.available === false) return UNAVAILABLE
  const found = shown(value, layer.isHidden(path) || isSecretPath(path))
  if (node.unavailable?.includes(String(value))) return `${found} is ${UNAVAILABLE}, allowed: ${allowedText(node)}`
  return `found ${found}, allowed: ${allowedText(node)}${suggestion(value, node)}`
}

function unknownKey(path: Path): string {
  const key = path.at(-1) ?? ''
  const known = knownKeys(nodeAt(SCHEMA, path.slice(0, -1)))
  const near = nearest(key, known) ?? elsewhere(key, SCHEMA, [])
  const meant = near === undefined ? '' : `, did you mean ${quoted(near)}`
  return `unknown key${meant}; known here: ${known.join(', ')}`
}

/** The place of a key that was written at a wrong level. */
function elsewhere(key: string, node: SchemaNode, path: Path): string | undefined {
  for (const name of knownKeys(node)) {
    if (name === key && path.length > 0) return pathText([...path, name])
    const found = elsewhere(key, node.properties?.[name] ?? {}, [...path, name])
    if (found !== undefined) return found
  }
  return undefined
}

function suggestion(value: unknown, node: SchemaNode): string {
  const near = typeof value === 'string' ? nearest(value, available(node).map(String)) : undefined
  return near === undefined ? '' : `; did you mean ${quoted(near)}?`
}

/** A token of an unknown form may stand in the place of the object that should hold it. */
function isSecretPath(path: Path): boolean {
  return path.some((key, index) => nodeAt(SCHEMA, path.slice(0, index + 1))?.secret === true || isSecret(key))
}

function pathOf(error: ValidatorError): Path {
  const pointer = error.instancePath.split('/').slice(1)
  const path = pointer.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const { additionalProperty } = error.params
  return typeof additionalProperty === 'string' ? [...path, additionalProperty] : path
}
