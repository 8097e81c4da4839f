import type { MicroError } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import type { Log } from './log.js'

/** One line for a request that has ended. */
export function logAccess(log: Log, inbound: Inbound): void {
  const { request } = inbound
  log.access({
    method: request.method,
    path: inbound.target,
    service: inbound.service,
    node: inbound.node,
    status: inbound.code,
    error: inbound.error,
    duration: Math.round(inbound.elapsed * 10) / 10,
    attempts: inbound.attempts,
    requestId: inbound.id,
    traceId: traceId(request.headers.traceparent),
  })
}

/** The cause of a 500 of the sidecar's own: a fault in a plugin, a middleware, or here. */
export function logFailure(log: Log, inbound: Inbound, failure: MicroError): void {
  const cause = failure.cause instanceof Error ? (failure.cause.stack ?? failure.cause.message) : failure.cause
  log.error(failure.detail, { requestId: inbound.id, cause })
}

/** The trace id of a W3C `traceparent`. */
function traceId(traceparent: string | string[] | undefined): string {
  if (typeof traceparent !== 'string') return ''
  return /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(traceparent)?.[1] ?? ''
}
