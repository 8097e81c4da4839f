import { isUtf8 } from 'node:buffer'
import { expected, type JsonFault } from './fault.js'
import { skipSpace } from './tokens.js'
import { invalidUtf8At } from './utf8.js'
import { valueEnd } from './value-end.js'

/** Says what keeps `bytes` from being one JSON text by RFC 8259, in UTF-8 and at most 64 levels deep. */
export function checkJson(bytes: Uint8Array): JsonFault | undefined {
  const fault = checkUtf8(bytes)
  if (fault !== undefined) return fault
  const end = valueEnd(bytes, skipSpace(bytes, 0))
  return typeof end === 'number' ? checkEnd(bytes, end) : end
}

export function checkUtf8(bytes: Uint8Array): JsonFault | undefined {
  return isUtf8(bytes) ? undefined : { message: 'expected UTF-8', offset: invalidUtf8At(bytes) }
}

/** Only white space may stand from `at` on. */
export function checkEnd(bytes: Uint8Array, at: number): JsonFault | undefined {
  const end = skipSpace(bytes, at)
  return end === bytes.length ? undefined : expected(bytes, end, 'the end')
}
