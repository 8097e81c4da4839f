import type { RetryCause, ServiceSettings } from '../config/settings.js'
import type { TransportError, WireRequest } from '../transport/transport.js'
import type { ClientCall } from './call.js'

/** How an attempt ended that brought no answer to be content with. */
export type Mishap =
  /** Not a byte was sent. */
  | 'connect'
  /** A connection that had been kept ended before the answer: the node may have closed it while it was unused. */
  | 'stale'
  | 'reset'
  /** `attemptTimeout` ran out before the answer's head. */
  | 'timeout'
  | 'status'
  /** The node asks for another call later: 408, 425 or 429 with `Retry-After`. */
  | 'later'
  /** What came is no answer. */
  | 'protocol'
  /** The caller's own body broke off. */
  | 'request'

/**
 * - `move`: to a node that was not tried yet, at once and as often as there is one. Nothing arrived anywhere.
 * - `reopen`: once, at once, not counted.
 * - `retry`: counted, budgeted, after a wait.
 */
export type Remedy = 'move' | 'reopen' | 'retry' | 'none'

interface Rule {
  readonly remedy: Remedy
  /** A byte of the request went out: it must do no harm to send it twice, and its body must still be here. */
  readonly sent: boolean
  /** Whether the configuration wants it. */
  readonly wanted: (call: ClientCall, status: number) => boolean
}

const always = () => true
const listed = (cause: RetryCause) => (call: ClientCall) => call.settings.retryOn.includes(cause)

/** What may follow. Nothing does once the head of an answer was passed on. */
const RULES: Readonly<Record<Mishap, Rule>> = {
  connect: { remedy: 'move', sent: false, wanted: (call) => call.handler === 'rpc' || listed('connect')(call) },
  stale: { remedy: 'reopen', sent: true, wanted: always },
  reset: { remedy: 'retry', sent: true, wanted: listed('reset') },
  timeout: { remedy: 'retry', sent: true, wanted: listed(504) },
  status: { remedy: 'retry', sent: true, wanted: ({ settings }, status) => settings.retryOn.includes(status) },
  later: { remedy: 'retry', sent: true, wanted: ({ settings }) => settings.retryOn.some(Number.isInteger) },
  protocol: { remedy: 'none', sent: true, wanted: always },
  request: { remedy: 'none', sent: true, wanted: always },
}

/** `replayable`: the request's body can be sent again. */
export function remedyFor(mishap: Mishap, status: number, call: ClientCall, replayable: boolean): Remedy {
  const { remedy, sent, wanted } = RULES[mishap]
  if (sent && !(replayable && call.idempotent)) return 'none'
  if (remedy !== 'reopen' && call.settings.retries === 0) return 'none'
  return wanted(call, status) ? remedy : 'none'
}

export function isReplayable({ body }: WireRequest, { replayLimit }: ServiceSettings): boolean {
  return body === null || (body instanceof Uint8Array && body.length <= replayLimit)
}

/** Tells most answers, at no cost, from those that need a closer look. */
export function mayBeRetried(status: number, { retryOn }: ServiceSettings): boolean {
  return status >= 400 && (isPlea(status) || retryOn.includes(status))
}

export function mishapOf({ kind, sent, reused }: TransportError): Mishap {
  if (kind === 'request') return 'request'
  if (!sent) return 'connect'
  return kind === 'reset' && reused ? 'stale' : kind
}

/** `undefined` for an answer that is passed on whatever the configuration says. */
export function mishapOfStatus(status: number, isAskedToWait: boolean): Mishap | undefined {
  if (isPlea(status)) return isAskedToWait ? 'later' : undefined
  return 'status'
}

/** Refusals of a node that would take the call at another time. */
function isPlea(status: number): boolean {
  return status === 408 || status === 425 || status === 429
}
