import type { Inbound } from './inbound.js'

/** Adds what tells a node who asked: appended to the lists that earlier hops began, set where nothing stood. */
export function pushForwardingHeaders(headers: string[], inbound: Inbound): void {
  const { head, caller } = inbound
  const scheme = head.forwardedProto ?? 'http'
  const host = head.forwardedHost ?? head.host ?? ''
  const element = `${caller.forwardedFor};host="${quotable(head.host ?? '')}";proto=http`
  const version = inbound.request.httpVersionMinor === 0 ? '1.0' : '1.1'
  headers.push(
    'X-Forwarded-For',
    append(head.forwardedFor, caller.address || 'unknown'),
    'X-Forwarded-Proto',
    scheme,
    'X-Forwarded-Host',
    host,
    'Forwarded',
    append(head.forwarded, element),
    'Via',
    append(head.via, `${version} micro-sidecar`),
    'x-request-id',
    inbound.id,
  )
}

function append(before: string | undefined, value: string): string {
  return before === undefined || before === '' ? value : `${before}, ${value}`
}

function quotable(value: string): string {
  return value.includes('"') || value.includes('\\') ? value.replace(/["\\]/g, '') : value
}
