import type { Inbound } from './inbound.js'

const methods = 'POST, GET, OPTIONS, PUT, DELETE'
const headers = 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization'

/** The headers that let a page of an allowed origin read an answer; `undefined` when none is due. */
export function corsHeaders(origins: readonly string[], inbound: Inbound): string[] | undefined {
  if (origins.length === 0) return undefined
  const origin = inbound.request.headers.origin
  if (origin === undefined) return undefined
  // Never credentials together with a wildcard: any page could act with its visitor's cookies.
  if (origins.includes(origin)) {
    return ['Access-Control-Allow-Origin', origin, 'Access-Control-Allow-Credentials', 'true', 'Vary', 'Origin']
  }
  return origins.includes('*') ? ['Access-Control-Allow-Origin', '*'] : undefined
}

/** Answers a preflight at once. */
export function answerPreflight(inbound: Inbound, allow: readonly string[]): void {
  const more = ['Access-Control-Allow-Methods', methods, 'Access-Control-Allow-Headers', headers, 'Content-Length', '0']
  inbound.response.writeHead(200, [...allow, ...more])
  inbound.response.end()
}
