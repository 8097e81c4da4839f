import { Byte, isDigit, isEscape, isHex } from './bytes.js'

// Each function that reads a token gives the offset behind it, or `~offset` (below 0) of the byte that does not fit.
// Plain functions on numbers, because the same written as an object with a position took four times as long.

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')

export function skipSpace(bytes: Uint8Array, at: number): number {
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? Byte.End
    if (byte > Byte.Space) break
    if (byte !== Byte.Space && byte !== Byte.LineFeed && byte !== Byte.CarriageReturn && byte !== Byte.Tab) break
  }
  return at
}

/** Any value but an array or an object. */
export function scalarEnd(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? Byte.End
  if (byte === Byte.Quote) return stringEnd(bytes, at)
  if (byte === Byte.Minus || isDigit(byte)) return numberEnd(bytes, at)
  if (byte === Byte.LowerT) return wordEnd(bytes, at, TRUE)
  if (byte === Byte.LowerF) return wordEnd(bytes, at, FALSE)
  return wordEnd(bytes, at, NULL)
}

export function stringEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== Byte.Quote) return ~at
  for (at++; at < bytes.length; at++) {
    const byte = bytes[at] ?? Byte.End
    if (byte === Byte.Quote) return at + 1
    if (byte < Byte.Space) break
    if (byte === Byte.Backslash) {
      at = escapeEnd(bytes, at + 1) - 1
      if (at < 0) return at + 1
    }
  }
  return ~at
}

/** A key, its colon and the space around; the end is where the value starts. */
export function keyEnd(bytes: Uint8Array, at: number): number {
  at = stringEnd(bytes, at)
  if (at < 0) return at
  at = skipSpace(bytes, at)
  return bytes[at] === Byte.Colon ? skipSpace(bytes, at + 1) : ~at
}

function escapeEnd(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? Byte.End
  if (isEscape(byte)) return at + 1
  if (byte !== Byte.LowerU) return ~at
  for (const last = at + 4; at < last; ) {
    if (!isHex(bytes[++at] ?? Byte.End)) return ~at
  }
  return at + 1
}

function numberEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === Byte.Minus) at++
  at = bytes[at] === Byte.Zero ? at + 1 : digitsEnd(bytes, at)
  if (at < 0) return at
  // Of what may follow a whole number, only a point or an exponent goes on: both are rare.
  const byte = bytes[at] ?? Byte.End
  return byte === Byte.Dot || byte === Byte.LowerE || byte === Byte.UpperE ? fractionEnd(bytes, at) : at
}

function fractionEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === Byte.Dot) at = digitsEnd(bytes, at + 1)
  if (at < 0 || (bytes[at] !== Byte.LowerE && bytes[at] !== Byte.UpperE)) return at
  const sign = bytes[at + 1]
  return digitsEnd(bytes, sign === Byte.Plus || sign === Byte.Minus ? at + 2 : at + 1)
}

function digitsEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && isDigit(bytes[at] ?? Byte.End)) at++
  return at === start ? ~at : at
}

function wordEnd(bytes: Uint8Array, at: number, word: Uint8Array): number {
  for (const byte of word) {
    if (bytes[at] !== byte) return ~at
    at++
  }
  return at
}
