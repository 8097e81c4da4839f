import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import {
  type AnswerSink,
  type Exchange,
  type SendOptions,
  TransportError,
  type TransportErrorKind,
  type WireBody,
  type WireRequest,
} from './transport.js'

const MAX_HEADERS = 1000
const MAX_INFORMATION = 16
const SPACE = 0x20
const TAB = 0x09
const REQUEST_FAULTS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'])

/** One request on its way through undici, in the raw handler form: it keeps spelling and order of headers. */
export class UndiciExchange implements Exchange, Dispatcher.DispatchHandler {
  /** Set by the connection that takes this exchange: returns how many it had carried before. */
  countUse: () => number = () => 0
  readonly #request: WireRequest
  readonly #sink: AnswerSink
  readonly #options: SendOptions
  #information = 0
  #reused = false
  #over = false
  #returned = false
  #connectTimer: NodeJS.Timeout | undefined
  #abort: ((error?: Error) => void) | undefined
  #resume: (() => void) | undefined

  constructor(request: WireRequest, sink: AnswerSink, options: SendOptions) {
    this.#request = request
    this.#sink = sink
    this.#options = options
  }

  get sent(): boolean {
    return this.#abort !== undefined
  }

  dispatch(dispatcher: Dispatcher): void {
    dispatcher.dispatch(dispatchOptions(this.#request, this.#options), this)
    this.#returned = true
    if (this.#abort !== undefined || this.#over) return
    this.#connectTimer = setTimeout(() => this.#connectTimedOut(), this.#options.connectTimeout)
  }

  /** Ends the exchange before it began; heard of once `send` has returned. */
  refuse(error: TransportError): void {
    queueMicrotask(() => this.#fail(error))
  }

  resume(): void {
    if (!this.#over) this.#resume?.()
  }

  abort(): void {
    if (this.#over) return
    this.#finish()
    this.#abort?.()
  }

  onConnect(abort: (error?: Error) => void): void {
    // Thrown, undici forgets the request and keeps the connection; aborted, it would close it.
    if (this.#over) throw new Error('aborted while waiting for a connection')
    clearTimeout(this.#connectTimer)
    this.#abort = abort
    this.#reused = this.countUse() > 0
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, reason: string): boolean {
    if (this.#over) return true
    if (rawHeaders.length > 2 * MAX_HEADERS) return this.#refuseAnswer('more headers than are allowed')
    if (status < 200) return this.#inform(status, rawHeaders)
    this.#resume = resume
    this.#sink.onHead(status, texts(rawHeaders), reason)
    return true
  }

  onData(chunk: Buffer): boolean {
    // undici hands over an empty chunk when it goes on after a pause.
    return this.#over || chunk.length === 0 || this.#sink.onData(chunk)
  }

  onComplete(rawTrailers: (string | Buffer)[] | null): void {
    if (this.#over) return
    this.#finish()
    this.#sink.onEnd(texts(rawTrailers ?? []))
  }

  onError(error: Error): void {
    const failure = this.#translate(error)
    if (this.#returned) this.#fail(failure)
    else this.refuse(failure)
  }

  #inform(status: number, rawHeaders: Buffer[]): boolean {
    if (status === 101) return this.#refuseAnswer('a change of protocol that was not asked for')
    if (++this.#information > MAX_INFORMATION) return this.#refuseAnswer('informational answers without an end')
    this.#sink.onInformation?.(status, texts(rawHeaders))
    return true
  }

  #refuseAnswer(message: string): boolean {
    this.#fail(new TransportError('protocol', message, { sent: true, reused: this.#reused }))
    this.#abort?.()
    return true
  }

  #connectTimedOut(): void {
    const message = `no connection within ${this.#options.connectTimeout} ms`
    this.#fail(new TransportError('timeout', message, { sent: false, reused: false }))
  }

  #translate(cause: Error): TransportError {
    const sent = this.#abort !== undefined
    const kind = bodyFailed(this.#request.body) ? 'request' : kindOf(cause, sent)
    return new TransportError(kind, cause.message, { sent, reused: this.#reused, cause })
  }

  #fail(error: TransportError): void {
    if (this.#over) return
    this.#finish()
    this.#sink.onError(error)
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#connectTimer)
  }
}

function dispatchOptions(request: WireRequest, options: SendOptions): Dispatcher.DispatchOptions {
  const { method, path, body } = request
  const headers = request.headers.slice()
  const bodyTimeout = options.idleTimeout
  if (body === null) return { method, path, headers, bodyTimeout, body }
  if (body instanceof Uint8Array) {
    return { method, path, headers, bodyTimeout, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }
  }
  if (body.length !== undefined) headers.push('Content-Length', String(body.length))
  return { method, path, headers, bodyTimeout, body: borrowed(body.source) }
}

/** undici destroys the stream it is given; the source is the caller's and stays open. */
function borrowed(source: Readable): Readable {
  return Readable.from(source.iterator({ destroyOnReturn: false }), { objectMode: false })
}

function bodyFailed(body: WireBody): boolean {
  if (body === null || body instanceof Uint8Array) return false
  const { source } = body
  return source.errored !== null || (source.destroyed && !source.readableEnded)
}

function kindOf(error: Error, sent: boolean): TransportErrorKind {
  const code = 'code' in error ? String(error.code) : ''
  if (REQUEST_FAULTS.has(code)) return 'request'
  if (!sent) return code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'connect'
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'timeout'
  return isMisframed(error, code) ? 'protocol' : 'reset'
}

function isMisframed(error: Error, code: string): boolean {
  if (error.message === 'bad response' || error.message === 'bad upgrade') return true
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return true
  return error.name === 'HTTPParserError' && !/at end|eof/i.test(error.message)
}

function texts(raw: readonly (string | Buffer)[]): string[] {
  return raw.map((part) => trimmed(typeof part === 'string' ? part : part.toString('latin1')))
}

/** undici leaves the white space behind a value. */
function trimmed(text: string): string {
  let end = text.length
  while (end > 0 && (text.charCodeAt(end - 1) === SPACE || text.charCodeAt(end - 1) === TAB)) end--
  return text.slice(0, end)
}
