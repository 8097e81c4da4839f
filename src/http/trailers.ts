import { knownHeader } from './known-headers.js'

/** Beside the headers that this sidecar itself reads: what must be known before a body cannot stand behind it. */
const early: ReadonlySet<string> = new Set([
  ...['trailer', 'authorization', 'cookie', 'set-cookie', 'www-authenticate', 'max-forwards', 'range', 'location'],
  ...['content-encoding', 'content-range', 'cache-control', 'expires', 'vary', 'age', 'date', 'retry-after'],
])

/**
 * The trailers that travel on, flat. A receiver may take trailers for headers: one that frames, routes or
 * authenticates would then say what the head, which has been checked, did not (RFC 9110, 6.5.1).
 */
export function endToEndTrailers(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (knownHeader(name) === undefined && !early.has(name.toLowerCase())) kept.push(name, raw[i + 1] ?? '')
  }
  return kept
}
