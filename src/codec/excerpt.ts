/** The beginning of a node's bytes for a sentence: at most `limit` bytes of it, in quotes, on one line. */
export function excerpt(bytes: Buffer, limit = 120): string {
  if (bytes.length === 0) return 'an empty body'
  const text = bytes.toString('utf8', 0, limit).replaceAll(unprintable, ' ').trim()
  const rest = bytes.length > limit ? `… (${bytes.length} bytes)` : ''
  return `"${text}"${rest}`
}

/** Text of a node, no longer than an error should be. */
export function shortened(text: string, limit = 8_192): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

const unprintable = /[\p{C}\p{Z}\ufffd]+/gu
