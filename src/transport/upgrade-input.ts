import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Target, TransportError } from './transport.js'

export interface UpgradeInput {
  readonly request: IncomingMessage
  /**
   * From the server's `upgrade` event, in which an `error` listener must have been added before anything else: a
   * caller that resets the connection in that very moment ends the process otherwise.
   */
  readonly socket: Socket
  /** What came behind the request's head. */
  readonly head: Buffer
  readonly target: Target
  /** Sent as it is. */
  readonly path: string
  /** Flat, end-to-end, with `Host`; `Connection` and `Upgrade` are added here. */
  readonly headers: readonly string[]
  readonly connectTimeout: number
  /** Milliseconds until the head of the node's answer, connecting included. Absent: `connectTimeout` after the connection. */
  readonly headTimeout?: number
  /** Milliseconds without a byte in either direction, once the head is out. 0: no limit. */
  readonly idleTimeout: number
  /** Flat; put behind the node's own headers. */
  readonly answerHeaders?: readonly string[]
  /** The node's answer begins: 101, or what it said instead. */
  onHead?(status: number): void
  /**
   * No answer came, and nothing was written to the caller. Return true to take the socket back, with all that the
   * caller has sent, for another node; `onDone` then is not called. Else the error is answered here.
   */
  onFailure?(error: TransportError): boolean
  /** Once, when both connections are closed. Neither member: the caller left before there was an answer. */
  onDone?(outcome: UpgradeOutcome): void
}

export interface UpgradeOutcome {
  /** Of what the caller was answered. */
  readonly status?: number
  /** What the node did wrong. */
  readonly error?: TransportError
}

export interface Upgrade {
  /** Ends both sides: a WebSocket's caller is told the code, one who waits for an answer gets 503. */
  close(code?: number): void
}
