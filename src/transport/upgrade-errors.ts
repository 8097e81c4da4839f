import { MicroError } from '../errors.js'
import { type Target, TransportError, type TransportErrorKind } from './transport.js'

const id = 'go.micro.client'

/** What Node's client says of a connection that brought no answer. */
export function nodeFault(error: Error & { code?: string }, connected: boolean): TransportError {
  const kind = kindOf(error, connected)
  // A failure on each of several addresses is one error without a message of its own.
  const message = error.message || error.code || 'connection failed'
  return new TransportError(kind, message, { sent: connected, reused: false, cause: error })
}

export function tooLate(message: string, connected: boolean): TransportError {
  return new TransportError('timeout', message, { sent: connected, reused: false })
}

export function nothingSwitched(): TransportError {
  return new TransportError('protocol', 'the node answered 101 without an upgrade', { sent: true, reused: false })
}

/** Not the node's: nothing was sent. */
export function callerFault(message: string, cause?: unknown): TransportError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new TransportError('request', `${message}${why}`, { sent: false, reused: false, cause })
}

export function upgradeFailure(error: TransportError, { address, port }: Target): MicroError {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const detail = `${error.message} (node at ${place})`
  switch (error.kind) {
    case 'timeout':
      return new MicroError(id, 504, detail, { reason: 'timeout', cause: error })
    case 'request':
      return new MicroError(id, 400, error.message, { reason: 'bad_request', cause: error })
    default:
      return new MicroError(id, 502, detail, { reason: error.kind, cause: error })
  }
}

export function draining(): MicroError {
  return new MicroError(id, 503, 'the sidecar stops', { reason: 'draining', retryAfter: 1 })
}

function kindOf({ code = '' }: { code?: string }, connected: boolean): TransportErrorKind {
  if (code.startsWith('HPE_')) return 'protocol'
  return connected ? 'reset' : 'connect'
}
