import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ConfigFault } from '../errors.js'
import { switchState } from './arguments.js'
import { convertText } from './convert.js'
import { nested } from './data.js'
import { FLAGS, type Flag } from './flags.js'
import type { Environment } from './interpolate.js'
import { type Layer, layer } from './layer.js'
import { pathText } from './path.js'
import { SCHEMA } from './schema.generated.js'
import { nodeAt, takes } from './schema.js'
import { quoted, shown } from './shown.js'
import { UNAVAILABLE } from './unavailable.js'

export interface Overlay {
  readonly layers: readonly Layer[]
  readonly faults: readonly ConfigFault[]
}

interface Setting {
  readonly flag: Flag
  readonly text: string | boolean
  /** `flag --x` or `environment MICRO_X`. */
  readonly source: string
}

/** A secret belongs in no command line, so this variable has no flag. */
const TOKEN: Flag = {
  ...{ name: 'auth-token', kind: 'text', argument: 'TOKEN', path: ['auth', 'token'], env: ['MICRO_AUTH_TOKEN'] },
  ...{ description: 'The token that the admin paths want', isLater: false, nothing: undefined },
}

/**
 * What variables and flags lay over the file, each in a layer of its own; flags over variables. `onRead` hears of the
 * files that they name.
 */
export async function overlay(
  env: Environment,
  flags: ReadonlyMap<string, string | boolean>,
  onRead: (file: string) => void = () => {},
): Promise<Overlay> {
  const settings = [...variableSettings(env), ...flagSettings(flags)]
  for (const { flag, text } of settings) if (flag.kind === 'file') onRead(resolve(String(text)))
  const parts = await Promise.all(settings.map(read))
  return {
    layers: parts.flatMap((part) => (part !== undefined && 'data' in part ? [part] : [])),
    faults: parts.flatMap((part) => (part !== undefined && 'message' in part ? [part] : [])),
  }
}

/** Variables that are set but empty count as unset. Those of the sidecar alone stand over the common ones. */
function variableSettings(env: Environment): readonly Setting[] {
  const found = new Map<string, Setting>()
  for (const flag of [TOKEN, ...FLAGS]) {
    for (const name of flag.env) {
      const text = env[name]
      if (text !== undefined && text !== '') found.set(name, { flag, text, source: `environment ${name}` })
    }
  }
  const isOwn = ([name]: [string, Setting]) => Number(name.startsWith('MICRO_SIDECAR_'))
  return [...found].sort((left, right) => isOwn(left) - isOwn(right)).map(([, setting]) => setting)
}

function flagSettings(flags: ReadonlyMap<string, string | boolean>): readonly Setting[] {
  return FLAGS.flatMap((flag) => {
    const text = flags.get(flag.name)
    return text === undefined ? [] : [{ flag, text, source: `flag --${flag.name}` }]
  })
}

/** The setting as a layer, or its fault; `undefined` where it asks for nothing. */
async function read(setting: Setting): Promise<Layer | ConfigFault | undefined> {
  const { flag, source } = setting
  const value = await configValue(setting)
  if (value instanceof Refusal) return { source, path: flag.path ? pathText(flag.path) : '', message: value.message }
  if (flag.path === undefined) {
    const isAsked = flag.isLater && value !== flag.nothing && value !== false
    return isAsked ? { source, path: '', message: laterText(flag, value) } : undefined
  }
  const takesFalse = takes(nodeAt(SCHEMA, flag.path), 'boolean')
  if (value === undefined || (value === false && flag.kind === 'switch' && !takesFalse)) return undefined
  return layer(nested(flag.path, value), { env: undefined, locate: () => ({ source }) })
}

function laterText({ nothing }: Flag, value: unknown): string {
  return nothing === undefined ? UNAVAILABLE : `${shown(value)} is ${UNAVAILABLE}, allowed: ${quoted(nothing)}`
}

class Refusal {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

async function configValue({ flag, text }: Setting): Promise<unknown> {
  if (typeof text === 'boolean') return text
  switch (flag.kind) {
    case 'switch':
      return switchState(text) ?? new Refusal(`found ${shown(text)}, allowed: true or false`)
    case 'list':
      return text.split(',').flatMap((part) => part.trim() || [])
    case 'seconds':
      return /^\d+$/.test(text) ? `${text}s` : text
    case 'selector':
      return text === 'cache' ? undefined : text === 'roundrobin' ? 'round-robin' : text
    case 'file':
      return tokenIn(text)
    default:
      return flag.path === undefined ? text : convertText(text, nodeAt(SCHEMA, flag.path))
  }
}

async function tokenIn(path: string): Promise<unknown> {
  try {
    const token = (await readFile(path, 'utf8')).trim()
    return token === '' ? new Refusal(`the file ${quoted(path)} is empty, allowed: a file with a token`) : token
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return new Refusal(`the file ${quoted(path)} cannot be read (${code}), allowed: a file with a token`)
  }
}
