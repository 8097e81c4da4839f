import type { ConfigFault } from '../errors.js'
import { FLAGS, type Flag, flagNamed } from './flags.js'
import { nearest } from './nearest.js'
import { quoted } from './shown.js'

export interface ParsedArguments {
  /** The first word that is no flag. */
  readonly command: string | undefined
  /** The words behind it. */
  readonly positionals: readonly string[]
  /** What stands behind `--`, as it is. */
  readonly afterDashes: readonly string[]
  /** By canonical name. Of a flag given twice the last counts; lists are joined. */
  readonly flags: ReadonlyMap<string, string | boolean>
  readonly faults: readonly ConfigFault[]
}

/** `--x=y` and `--x y`, `-x` as the original took it too, flags before and behind the command alike. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const dashes = argv.indexOf('--')
  const words = dashes === -1 ? argv : argv.slice(0, dashes)
  const found: Found = { flags: new Map(), faults: [] }
  const positionals: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!/^-{1,2}[A-Za-z]/.test(word)) positionals.push(word)
    else at += takeFlag(word.replace(/^-+/, ''), words[at + 1], found)
  }
  const [command, ...rest] = positionals
  return { command, positionals: rest, afterDashes: dashes === -1 ? [] : argv.slice(dashes + 1), ...found }
}

interface Found {
  readonly flags: Map<string, string | boolean>
  readonly faults: ConfigFault[]
}

/** How many of the following words belong to the flag. */
function takeFlag(text: string, next: string | undefined, found: Found): 0 | 1 {
  const equals = text.indexOf('=')
  const name = equals === -1 ? text : text.slice(0, equals)
  const value = equals === -1 ? undefined : text.slice(equals + 1)
  const flag = flagNamed(name) ?? (name === 'h' ? flagNamed('help') : name === 'v' ? flagNamed('version') : undefined)
  if (flag?.kind === 'switch') takeSwitch(flag, value, found)
  else if (flag !== undefined) return takeValue(flag, value, next, found)
  else takeOther(name, value, found)
  return 0
}

function takeSwitch({ name }: Flag, value: string | undefined, { flags, faults }: Found): void {
  const state = switchState(value ?? 'true')
  if (state !== undefined) flags.set(name, state)
  else faults.push(flagFault(name, `found ${quoted(value ?? '')}, allowed: true or false`))
}

function takeValue(flag: Flag, value: string | undefined, next: string | undefined, { flags, faults }: Found): 0 | 1 {
  const isTaken = value === undefined && next !== undefined && (!next.startsWith('-') || /^-[\d.]/.test(next))
  const text = isTaken ? next : value
  const before = flags.get(flag.name)
  if (text === undefined) faults.push(flagFault(flag.name, `it has no value, allowed: --${flag.name}=${flag.argument}`))
  else flags.set(flag.name, flag.kind === 'list' && typeof before === 'string' ? `${before},${text}` : text)
  return isTaken ? 1 : 0
}

/** `--no-x` for a switch, or nothing that is known. */
function takeOther(name: string, value: string | undefined, { flags, faults }: Found): void {
  const positive = /^no[-_]/.test(name) && value === undefined ? flagNamed(name.slice(3)) : undefined
  if (positive?.kind === 'switch') flags.set(positive.name, false)
  else faults.push(flagFault(name, unknownText(name)))
}

function unknownText(name: string): string {
  const near = nearest(
    name,
    FLAGS.map((flag) => flag.name),
  )
  return `unknown flag${near === undefined ? '; --help lists the known ones' : `, did you mean --${near}?`}`
}

function flagFault(name: string, message: string): ConfigFault {
  return { source: `flag --${name}`, path: '', message }
}

/** As Go reads a boolean, for flags and for variables. */
export function switchState(text: string): boolean | undefined {
  if (/^(?:1|t|true)$/i.test(text)) return true
  return /^(?:0|f|false)$/i.test(text) ? false : undefined
}
