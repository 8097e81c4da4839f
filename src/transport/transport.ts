import type { Readable } from 'node:stream'

/** Where a request goes. Every registry node is one. */
export interface Target {
  /** IP address or host name, without brackets or port. */
  readonly address: string
  readonly port: number
}

/** A body of which not all is here yet. */
export interface StreamBody {
  /** Bytes, when the caller told; else the body is sent in chunks. */
  readonly length: number | undefined
  readonly source: Readable
  /** Asked once the source has ended: flat name, value, …; sent behind the last chunk. */
  trailers?(): readonly string[]
}

/** `null`: no body and no framing header (`Content-Length: 0` where the method calls for a body). */
export type WireBody = null | Uint8Array | StreamBody

/**
 * A request as it goes on the wire. `headers` is flat (name, value, name, value …), in order, spelling kept,
 * holds `Host`, and holds no hop-by-hop header and neither `Content-Length` nor `Transfer-Encoding`:
 * the transport writes those two from `body`.
 */
export interface WireRequest {
  readonly method: string
  /** The request-target, sent as it is. */
  readonly path: string
  readonly headers: readonly string[]
  readonly body: WireBody
}

export interface SendOptions {
  /** Milliseconds for DNS, TCP and TLS together. */
  readonly connectTimeout: number
  /** Milliseconds without a byte, once the head of the answer is here. 0: no limit. */
  readonly idleTimeout: number
}

/**
 * Takes an answer as it comes: `onInformation`*, then `onHead`, `onData`*, and `onEnd`; or `onError` at any
 * moment instead of what was left. Nothing is called after `onEnd`, `onError` or `Exchange.abort()`, and nothing
 * before `send` has returned. Header lists are flat, in order, spelling kept, bytes as latin1, unfiltered.
 */
export interface AnswerSink {
  /** 100 to 199, except 101. */
  onInformation?(status: number, headers: string[]): void
  onHead(status: number, headers: string[], reason: string): void
  /** Return false to ask for no more until `Exchange.resume()`; a chunk already read may still come. */
  onData(chunk: Buffer): boolean
  /** Return false to have the connection closed where the transport can, so that no other exchange is put on it. */
  onEnd(trailers: string[]): boolean | void
  onError(error: TransportError): void
}

export interface Exchange {
  /** A byte of the request may have left; absent where the transport cannot tell. */
  readonly sent?: boolean
  /** Goes on after `onData` returned false. */
  resume(): void
  /** Closes the connection; the sink hears nothing more. Harmless when the exchange is over. */
  abort(): void
}

/**
 * - `connect`: no connection came about; nothing was sent.
 * - `reset`: the connection ended before the answer was whole.
 * - `timeout`: `connectTimeout` or `idleTimeout` ran out (`sent` tells which).
 * - `protocol`: what came is not one well-framed HTTP/1.1 answer, or is over a limit.
 * - `request`: the caller's body stream failed; the node is not to blame.
 */
export type TransportErrorKind = 'connect' | 'reset' | 'timeout' | 'protocol' | 'request'

export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly kind: TransportErrorKind
  /** A byte of the request may have reached the node. */
  readonly sent: boolean
  /** The connection had carried an earlier exchange, so its end may be no fault of the node. */
  readonly reused: boolean

  constructor(kind: TransportErrorKind, message: string, state: { sent: boolean; reused: boolean; cause?: unknown }) {
    super(message, state.cause === undefined ? undefined : { cause: state.cause })
    this.kind = kind
    this.sent = state.sent
    this.reused = state.reused
  }
}

/** Carries one request to one node and its answer back. Keeps connections; knows nothing of services or retries. */
export interface Transport {
  readonly name: string
  /** True where `Expect: 100-continue` may stand among a request's headers and the node's 100 comes to `onInformation`. */
  readonly passesExpect?: boolean
  send(target: Target, request: WireRequest, sink: AnswerSink, options: SendOptions): Exchange
  /** Closes idle connections at once and busy ones when their exchange is over. */
  close(): Promise<void>
}
