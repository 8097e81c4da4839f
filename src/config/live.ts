import { listed } from './allowed.js'
import { type Data, isData, own } from './data.js'
import type { Path } from './path.js'
import { checkPluginMembers } from './plugin-members.js'
import { type Reading, readText } from './read-text.js'
import type { SchemaNode } from './schema.js'
import { quoted, shown } from './shown.js'

/** What an object in a slot must have. */
const METHODS = {
  registry: ['register', 'deregister', 'getService', 'listServices', 'watch', 'close'],
  broker: ['publish', 'subscribe', 'status', 'close'],
  balancer: ['pick'],
}
const MOMENTS = ['onRequest', 'onResponse', 'onError']
const LISTS = {
  middleware: 'functions (request, response, next), or objects with a name and onRequest, onResponse or onError',
  plugins: 'objects with a name',
}

/** Checks by hand what JSON Schema cannot: objects and functions of the user's. They are kept, never copied. */
export function readLive(
  value: unknown,
  node: SchemaNode,
  path: Path,
  reading: Reading,
  readOptions: (options: Data) => Data,
): unknown {
  if (node.live === 'registry' || node.live === 'broker' || node.live === 'balancer') {
    if (isOptions(value)) return readOptions(withName(value, path, reading))
    return readSlot(value, node, node.live, path, reading)
  }
  checkList(value, node.live ?? 'plugins', path, reading)
  return value
}

function readSlot(value: unknown, node: SchemaNode, slot: keyof typeof METHODS, path: Path, reading: Reading): unknown {
  if (typeof value === 'function') return value
  if (typeof value === 'string' && value !== '') return readText(value, undefined, path, reading)
  const missing = isObject(value) ? METHODS[slot].filter((name) => !hasMethod(value, name)) : []
  const found = missing.length > 0 ? `an object without ${missing.map((name) => `${name}()`).join(', ')}` : shown(value)
  if (!isObject(value) || missing.length > 0) reading.fault(path, `found ${found}, allowed: ${slotText(node, slot)}`)
  return value
}

function withName(options: Data, path: Path, reading: Reading): Data {
  const name = own(options, 'name')
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    reading.fault([...path, 'name'], `found ${shown(name)}, allowed: a name`)
  }
  return options
}

function checkList(value: unknown, kind: keyof typeof LISTS, path: Path, reading: Reading): void {
  if (!Array.isArray(value)) return faultOf(value, kind, path, reading)
  for (const [index, entry] of value.entries()) {
    const place = [...path, String(index)]
    if (Array.isArray(entry) && place.length < 10) checkList(entry, kind, place, reading)
    else if (!isNothing(entry) && !isEntry(entry, kind)) faultOf(entry, kind, place, reading)
    else if (kind === 'plugins' && isObject(entry)) checkPluginMembers(entry, place, reading)
  }
}

function isEntry(entry: unknown, kind: keyof typeof LISTS): boolean {
  if (kind === 'middleware' && typeof entry === 'function') return true
  if (!isObject(entry) || !hasName(entry)) return false
  return kind === 'plugins' || MOMENTS.some((moment) => hasMethod(entry, moment))
}

function faultOf(value: unknown, kind: keyof typeof LISTS, path: Path, reading: Reading): void {
  const found = isObject(value) && !hasName(value) ? 'an object without a name' : shown(value)
  reading.fault(path, `found ${found}, allowed: a list of ${LISTS[kind]} (only a script can hold them)`)
}

function slotText(node: SchemaNode, slot: keyof typeof METHODS): string {
  const names = (node.names ?? []).filter((name) => !node.unavailable?.includes(name)).map(quoted)
  return listed([...names, "a plugin's name", '{ name, … }', `an object with ${methodsText(slot)}`, 'a function'])
}

function methodsText(slot: keyof typeof METHODS): string {
  return METHODS[slot].map((name) => `${name}()`).join(', ')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNothing(entry: unknown): boolean {
  return entry === false || entry === null || entry === undefined
}

/** Plain data, as a file would hold it; an object literal with functions in it is the user's own object. */
export function isOptions(value: unknown): value is Data {
  return isData(value) && !Object.values(value).some((member) => typeof member === 'function')
}

function hasMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function'
}

function hasName(value: object): boolean {
  const name: unknown = Reflect.get(value, 'name')
  return typeof name === 'string' && name !== ''
}
