import type { AttemptEnd, ServiceCounters } from '../telemetry/counters/service-counters.js'
import { type Exchange, TransportError } from '../transport/transport.js'
import type { AttemptOutcome } from './breaker.js'
import type { ClientCall } from './call.js'
import { retryAfter } from './retry-after.js'
import type { ServiceNode } from './service-node.js'

/** Bytes. */
const mostDiscarded = 65_536

/** One attempt at a node: stands in the node's `inFlight` until it is released, and is told to its breaker once. */
export class Attempt {
  readonly node: ServiceNode
  /** `performance.now()`. */
  readonly startedAt: number
  /** Its body is kept, to be sent again. */
  readonly replayable: boolean
  exchange: Exchange | undefined
  #outcome: AttemptOutcome | undefined
  #counters: ServiceCounters | undefined
  #counted = true
  #discarded = 0

  constructor(
    node: ServiceNode,
    startedAt: number,
    replayable: boolean,
    outcome: AttemptOutcome | undefined,
    counters: ServiceCounters,
  ) {
    this.node = node
    this.startedAt = startedAt
    this.replayable = replayable
    this.#outcome = outcome
    this.#counters = counters
    node.inFlight++
  }

  /** Some byte of the request may have left. */
  get isSent(): boolean {
    return this.exchange !== undefined && this.exchange.sent !== false
  }

  /** The head of its answer is here. What a node says of the request, 404 and the like, is no fault of the node. */
  answer(status: number, headers: readonly string[] = []): void {
    if (status < 500 && status !== 429) this.settle('succeed')
    else this.settle(status === 429 ? 'refuse' : 'fail', retryAfter(headers))
    this.end(status >= 500 ? 'error' : status === 429 ? 'rejected' : 'ok')
  }

  /** No answer came, or none that was whole; the node is not to blame for what was wrong with the request. */
  fail(error: TransportError, isBlameless = false): void {
    this.settle(isBlameless || error.kind === 'request' ? 'forget' : 'fail')
    this.end(endOf(error))
    this.release()
  }

  /** Is counted, once. */
  end(end: AttemptEnd): void {
    if (this.#counters !== undefined) this.#counters.attempts[end]++
    this.#counters = undefined
  }

  /** `asked`: milliseconds that the node wants to be left alone. */
  settle(outcome: keyof AttemptOutcome, asked?: number): void {
    this.#outcome?.[outcome](asked)
    this.#outcome = undefined
  }

  release(): void {
    if (!this.#counted) return
    this.#counted = false
    this.exchange = undefined
    this.node.inFlight--
  }

  /** Closes its connection: nothing more is heard of it. */
  abort(): void {
    this.exchange?.abort()
    this.release()
  }

  /** Closes its connection for lack of an answer. */
  timeOut({ settings }: ClientCall): TransportError {
    const state = { sent: this.isSent, reused: false }
    this.exchange?.abort()
    return new TransportError('timeout', `no answer within ${settings.attemptTimeout} ms`, state)
  }

  /** Takes a piece of an answer that nobody wants; a connection that brings too much of it is not worth keeping. */
  discard(bytes: number): void {
    this.#discarded += bytes
    if (this.#discarded > mostDiscarded) this.abort()
  }
}

/** In the words of the answer that it leads to. */
function endOf({ kind, sent }: TransportError): AttemptEnd {
  if (kind === 'request' || kind === 'protocol') return 'error'
  return sent ? kind : 'connect'
}
