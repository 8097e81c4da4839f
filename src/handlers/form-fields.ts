import { isUtf8 } from 'node:buffer'

/** More are no form that is read here, and would cost too much time. */
const FIELD_LIMIT = 64

/**
 * The first value of each named field of a urlencoded form, in the order of `names`, whatever the case of the
 * letters. A string says what is malformed: nothing is replaced or guessed.
 */
export function formFields(body: Buffer, names: readonly string[]): (string | undefined)[] | string {
  if (!isUtf8(body)) return 'expected UTF-8'
  const pieces = body.toString().split('&', FIELD_LIMIT + 1)
  if (pieces.length > FIELD_LIMIT) return `expected at most ${FIELD_LIMIT} fields`
  const values: (string | undefined)[] = names.map(() => undefined)
  for (const piece of pieces) {
    const equals = piece.indexOf('=')
    const name = decoded(equals < 0 ? piece : piece.slice(0, equals))
    if (name === undefined) return 'expected UTF-8 and two hexadecimal digits behind each % in a name'
    const index = names.indexOf(name.toLowerCase())
    if (index < 0 || values[index] !== undefined) continue
    const value = decoded(equals < 0 ? '' : piece.slice(equals + 1))
    if (value === undefined) return `expected UTF-8 and two hexadecimal digits behind each % in ${names[index]}`
    values[index] = value
  }
  return values
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
