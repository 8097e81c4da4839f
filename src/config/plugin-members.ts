import type { Path } from './path.js'
import type { Reading } from './read-text.js'
import { shown } from './shown.js'
import { UNAVAILABLE } from './unavailable.js'

interface Kind {
  readonly allowed: string
  holds(value: unknown): boolean
}

const METHOD: Kind = { allowed: 'a function', holds: isFunction }
const SLOT: Kind = {
  allowed: 'an object, or a function that returns one',
  holds: (value) => isFunction(value) || isObject(value),
}
const MIDDLEWARE: Kind = {
  allowed: 'a function, an object with a name, or a list of them',
  holds: (value) => SLOT.holds(value) || Array.isArray(value),
}
const ROUTES: Kind = { allowed: 'a list of { path, handle }', holds: Array.isArray }

const MEMBERS: Readonly<Record<string, Kind>> = {
  start: METHOD,
  stop: METHOD,
  registry: SLOT,
  broker: SLOT,
  balancer: SLOT,
  codec: SLOT,
  transport: SLOT,
  middleware: MIDDLEWARE,
  routes: ROUTES,
}

/** What the plugin contract promises for a later version. */
const LATER = ['commands']

/** A plugin may have members of its own; those of the contract must be what they are called for. */
export function checkPluginMembers(plugin: object, path: Path, reading: Reading): void {
  for (const [name, { allowed, holds }] of Object.entries(MEMBERS)) {
    const value: unknown = Reflect.get(plugin, name)
    if (value === undefined || holds(value)) continue
    reading.fault([...path, name], `found ${shown(value)}, allowed: ${allowed}`)
  }
  for (const name of LATER) {
    if (Reflect.get(plugin, name) !== undefined) reading.fault([...path, name], UNAVAILABLE)
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
