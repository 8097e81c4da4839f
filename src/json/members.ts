import { Byte } from './bytes.js'
import { checkEnd, checkUtf8 } from './check-json.js'
import { expected, type JsonFault, keyFault } from './fault.js'
import { stringAt } from './text.js'
import { keyEnd, skipSpace, stringEnd } from './tokens.js'
import { valueEnd } from './value-end.js'

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** A member of an object: its key, and where its value stands in the bytes. */
export interface JsonMember {
  readonly key: string
  readonly kind: JsonKind
  readonly start: number
  /** Just behind the value's last byte. */
  readonly end: number
}

export type MembersResult =
  | { readonly ok: true; readonly members: readonly JsonMember[] }
  | { readonly ok: false; readonly fault: JsonFault }

/** An object with more is none of the forms that are read member by member, and would cost too much time. */
const MEMBER_LIMIT = 1_024

/**
 * The members of the one object that `bytes` hold, in their order, duplicates included. Each value may be as deep as
 * `checkJson` allows. Anything but a well-formed object is a fault.
 */
export function members(bytes: Uint8Array): MembersResult {
  const found: JsonMember[] = []
  const fault = checkUtf8(bytes) ?? readObject(bytes, found)
  return fault === undefined ? { ok: true, members: found } : { ok: false, fault }
}

/** The last member of that lower-case name, whatever the case of its letters: so Go reads objects. */
export function memberNamed(list: readonly JsonMember[], name: string): JsonMember | undefined {
  return list.findLast((member) => member.key.toLowerCase() === name)
}

function readObject(bytes: Uint8Array, found: JsonMember[]): JsonFault | undefined {
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== Byte.OpenObject) return expected(bytes, at, 'an object')
  at = skipSpace(bytes, at + 1)
  if (bytes[at] === Byte.CloseObject) return checkEnd(bytes, at + 1)
  for (;;) {
    const key = at
    const start = keyEnd(bytes, key)
    if (start < 0) return keyFault(bytes, key, ~start)
    const end = valueEnd(bytes, start)
    if (typeof end !== 'number') return end
    if (found.length === MEMBER_LIMIT) return { message: `expected at most ${MEMBER_LIMIT} members`, offset: key }
    found.push({ key: stringAt(bytes, key, stringEnd(bytes, key)), kind: kindOf(bytes[start]), start, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === Byte.CloseObject) return checkEnd(bytes, at + 1)
    if (bytes[at] !== Byte.Comma) return expected(bytes, at, "',' or '}'")
    at = skipSpace(bytes, at + 1)
  }
}

/** The first byte of a well-formed value tells what it is. */
function kindOf(first: number | undefined): JsonKind {
  switch (first) {
    case Byte.OpenObject:
      return 'object'
    case Byte.OpenArray:
      return 'array'
    case Byte.Quote:
      return 'string'
    case Byte.LowerT:
    case Byte.LowerF:
      return 'boolean'
    case Byte.LowerN:
      return 'null'
    default:
      return 'number'
  }
}
