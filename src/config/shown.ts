import { isData } from './data.js'

const HIDDEN = '***'
const LENGTH = 60
const SECRET = /token|secret|passw|^pass$|credential|authorization|(?:api|private)[-_]?key|^key$/i
const URL_USER = /\/\/[^\s/@]*@/g
// Control characters are escaped by JSON already; these two end a line as well.
const LINE_ENDS = /[\u2028\u2029\u007f-\u009f]/g

/** Whether what stands under this key, or in this variable, must not be shown. */
export function isSecret(name: string): boolean {
  return SECRET.test(name)
}

/** A value as a fault shows it: on one line, short, without user names and passwords of URLs. */
export function shown(value: unknown, secret = false): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return isData(value) ? 'an object' : `a ${className(value)}`
  if (secret) return typeof value === 'string' ? HIDDEN : `${HIDDEN} (${typeof value})`
  return typeof value === 'string' ? quoted(value) : String(value)
}

export function quoted(text: string): string {
  const short = text.length > LENGTH ? `${text.slice(0, LENGTH)}…` : text
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(short.replace(URL_USER, `//${HIDDEN}@`)).replace(LINE_ENDS, escaped)
}

function className(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'foreign object'
}
