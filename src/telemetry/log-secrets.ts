export interface Mask {
  /** A text with what must not be written taken out of it. */
  text(value: string): string
  /** Whether a field's value is never written. */
  hides(key: string): boolean
}

export const HIDDEN = '***'

/** Takes the given values, user names and passwords in URLs, and credentials out of what is written. */
export function masking(secrets: readonly string[]): Mask {
  const known = secrets.filter((secret) => secret !== '')
  return {
    text(value) {
      for (const secret of known) if (value.includes(secret)) value = value.replaceAll(secret, HIDDEN)
      if (value.includes('@')) value = value.replace(URL_USER, `//${HIDDEN}@`)
      return value.includes(' ') ? value.replace(CREDENTIALS, `$1 ${HIDDEN}`) : value
    },
    hides: (key) => SECRET_KEY.test(key),
  }
}

const URL_USER = /\/\/[^\s/@?#]*@/g
const CREDENTIALS = /\b(Bearer|Basic) [\w.~+/=-]+/gi
const SECRET_KEY =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|passw(?:or)?d|pass|.*(?:secret|token|api-?key|private-?key))$/i
