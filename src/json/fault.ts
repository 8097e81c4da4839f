import { Byte, byteName, isDigit } from './bytes.js'
import { stringEnd } from './tokens.js'

/** Why bytes are not the JSON that was asked for. */
export interface JsonFault {
  /** A part of a sentence: `expected a value, found '}'`. */
  readonly message: string
  /** Of the first byte that does not fit, from 0. */
  readonly offset: number
}

export function faultText(fault: JsonFault): string {
  return `${fault.message} at byte ${fault.offset}`
}

export function expected(bytes: Uint8Array, offset: number, what: string): JsonFault {
  return { message: `expected ${what}, found ${byteName(bytes[offset] ?? Byte.End)}`, offset }
}

/** Of a key that starts at `start` and breaks off at `offset`, its colon included. */
export function keyFault(bytes: Uint8Array, start: number, offset: number): JsonFault {
  if (offset === start) return expected(bytes, offset, 'a key in quotes')
  return expected(bytes, offset, stringEnd(bytes, start) < 0 ? 'more of a string' : "':'")
}

/** Of a value, but no array or object, that starts at `start` and breaks off at `offset`. */
export function scalarFault(bytes: Uint8Array, start: number, offset: number): JsonFault {
  const first = bytes[start] ?? Byte.End
  if (first === Byte.Quote) return expected(bytes, offset, 'more of a string')
  return expected(bytes, offset, first === Byte.Minus || isDigit(first) ? 'a digit' : 'a value')
}
