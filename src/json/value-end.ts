import { Byte } from './bytes.js'
import { expected, type JsonFault, keyFault, scalarFault } from './fault.js'
import { keyEnd, scalarEnd, skipSpace } from './tokens.js'

/** Levels of arrays and objects that a value may have. */
export const DEPTH_LIMIT = 64

/** The closing brackets to come. One list serves every call, since a call runs to its end and makes no other. */
const closers = new Uint8Array(DEPTH_LIMIT)

/** The offset behind the value that starts at `at`. Builds nothing and does not recurse. UTF-8 is the caller's to check. */
export function valueEnd(bytes: Uint8Array, at: number): number | JsonFault {
  for (let depth = 0, wantsKey = false; ; ) {
    if (wantsKey) {
      const start = keyEnd(bytes, at)
      if (start < 0) return keyFault(bytes, at, ~start)
      at = start
    }
    const byte = bytes[at] ?? Byte.End
    if (byte === Byte.OpenObject || byte === Byte.OpenArray) {
      if (depth === DEPTH_LIMIT) return { message: `expected at most ${DEPTH_LIMIT} levels, found more`, offset: at }
      const closer = byte === Byte.OpenObject ? Byte.CloseObject : Byte.CloseArray
      at = skipSpace(bytes, at + 1)
      if (bytes[at] !== closer) {
        closers[depth++] = closer
        wantsKey = closer === Byte.CloseObject
        continue
      }
      at++
    } else {
      const end = scalarEnd(bytes, at)
      if (end < 0) return scalarFault(bytes, at, ~end)
      at = end
    }
    // To the start of the next value, out of the containers that end here.
    for (;;) {
      if (depth === 0) return at
      at = skipSpace(bytes, at)
      const closer = closers[depth - 1] ?? Byte.End
      if (bytes[at] === Byte.Comma) {
        at = skipSpace(bytes, at + 1)
        wantsKey = closer === Byte.CloseObject
        break
      }
      if (bytes[at] !== closer) return expected(bytes, at, closer === Byte.CloseObject ? "',' or '}'" : "',' or ']'")
      depth--
      at++
    }
  }
}
