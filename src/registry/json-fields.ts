import { MicroError } from '../errors.js'

/** A 400 that says which field, what is allowed and what was found. */
export function fieldFault(path: string, allowed: string, found: unknown): MicroError {
  return refusal(`${path} must be ${allowed}, not ${describe(found)}`)
}

export function refusal(detail: string): MicroError {
  return new MicroError('go.micro.registry', 400, detail, { reason: 'bad_request' })
}

/** An object's members by their names in lower case: go-micro's JSON has `Name` and `name` alike; the last counts. */
export function members(value: unknown, path: string): ReadonlyMap<string, unknown> {
  return new Map(entries(value, path).map(([key, member]) => [key.toLowerCase(), member]))
}

/** A string of 1 to 255 characters without control characters. */
export function requiredText(value: unknown, path: string): string {
  const text = optionalText(value, path)
  if (text.trim() === '') throw fieldFault(path, `a string of 1 to ${longest} characters`, value)
  return text
}

/** As `requiredText`, but absent, `null` and empty are `''`. */
export function optionalText(value: unknown, path: string): string {
  const text = value ?? ''
  if (typeof text !== 'string') throw fieldFault(path, 'a string', value)
  if (text.length > longest) throw refusal(`${path} must be at most ${longest} characters long, not ${text.length}`)
  if (unprintable.test(text)) throw fieldFault(path, 'a string without control characters', value)
  return text
}

/** Absent and `null` are empty. */
export function list(value: unknown, path: string, most: number): readonly unknown[] {
  const items: unknown = value ?? []
  if (!Array.isArray(items)) throw fieldFault(path, 'a list', value)
  if (items.length > most) throw refusal(`${path} must hold at most ${most} elements, not ${items.length}`)
  return items
}

/** Strings by name, without a prototype; absent and `null` are empty. */
export function metadata(value: unknown, path: string): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = Object.create(null)
  if (value === undefined || value === null) return pairs
  for (const [key, member] of entries(value, path)) {
    if (typeof member !== 'string') throw fieldFault(`${path}[${quote(key)}]`, 'a string', member)
    pairs[key] = member
  }
  return pairs
}

const longest = 255
const mostMembers = 1000
/** Control characters and halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cs}]/u

function entries(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fieldFault(path, 'an object', value)
  const pairs = Object.entries(value)
  if (pairs.length > mostMembers) throw refusal(`${path} must have at most ${mostMembers} members, not ${pairs.length}`)
  return pairs
}

function describe(found: unknown): string {
  if (found === undefined) return 'absent'
  if (typeof found === 'string') return quote(found)
  if (Array.isArray(found)) return 'a list'
  return typeof found === 'object' && found !== null ? 'an object' : String(found)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
