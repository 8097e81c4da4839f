import type { CallHandle, CallProgress, CallSink } from '../client/call.js'
import { type MicroError, pluginFailed } from '../errors.js'
import { AnswerHead } from '../http/answer-head.js'
import { endInOneWrite } from '../http/end-in-one-write.js'
import { isEventStream } from '../http/event-stream.js'
import { without } from '../http/header-list.js'
import type { Inbound } from '../http/inbound.js'
import { cutWhenStalled } from '../http/stalled.js'
import type { Pipeline } from '../middleware/pipeline.js'
import type { RequestContext } from '../middleware/request-context.js'
import { addTrailers } from './add-trailers.js'
import { writeInformation } from './information.js'
import { afterCall, fail } from './middleware-run.js'
import { unwritable } from './unwritable.js'

/** A body up to this size that is whole when its head is, leaves in one write with it. */
const oneWrite = 16_384

const lengths: ReadonlySet<string> = new Set(['content-length'])

interface Head {
  readonly status: number
  readonly reason: string
  readonly headers: string[]
}

/** Writes a node's answer to the caller as it comes. */
export class ProxyAnswer implements CallSink {
  handle: CallHandle | undefined
  readonly #pipeline: Pipeline
  readonly #inbound: Inbound
  readonly #context: RequestContext | undefined
  readonly #patience: number
  /** A head not written yet, with the length of its body. */
  #head: Head | undefined
  #length = -1
  /** A whole body not written yet. */
  #whole: Buffer | undefined
  /** What came while `onResponse` runs. */
  #held: (() => void)[] | undefined
  #isStream = false
  #isLast = false

  /** `patience`: milliseconds for a caller that takes nothing of its answer; 0: no limit. */
  constructor(pipeline: Pipeline, inbound: Inbound, context: RequestContext | undefined, patience: number) {
    this.#pipeline = pipeline
    this.#patience = patience
    this.#inbound = inbound
    this.#context = context
  }

  onInformation(status: number, headers: string[]): void {
    writeInformation(this.#inbound, status, headers)
  }

  onHead(status: number, raw: string[], reason: string, progress: CallProgress): void {
    const inbound = this.#inbound
    inbound.attempts = progress.attempts
    inbound.node = progress.node?.id ?? ''
    const head = new AnswerHead(raw)
    const { headers } = head
    if (!head.hasRequestId) headers.push('x-request-id', inbound.id)
    inbound.pushOwnHeaders(headers)
    // Only a caller of HTTP/1.1 can take chunks, and trailers behind them.
    if (head.chunked && inbound.request.httpVersionMinor > 0) headers.push(...head.trailer)
    this.#length = head.contentLength
    this.#isStream = head.contentLength < 0 && isEventStream(headers)
    if (this.#context !== undefined && this.#pipeline.seesResponses)
      this.#askPipeline(this.#context, status, reason, headers)
    else this.#take({ status, reason, headers })
  }

  onData(chunk: Buffer): boolean {
    if (this.#held !== undefined) {
      this.#held.push(() => this.#write(chunk))
      return false
    }
    if (this.#head !== undefined && chunk.length === this.#length && chunk.length <= oneWrite) {
      this.#whole = chunk
      return true
    }
    return this.#write(chunk)
  }

  onEnd(trailers: string[]): void {
    if (this.#held !== undefined) this.#held.push(() => this.#end(trailers))
    else this.#end(trailers)
  }

  onError(error: MicroError, progress: CallProgress): void {
    const inbound = this.#inbound
    inbound.attempts = progress.attempts
    inbound.node = progress.node?.id ?? ''
    this.#head = undefined
    this.#held = undefined
    if (inbound.response.headersSent) this.#cut(error)
    else fail(this.#pipeline, this.#context, inbound, error)
  }

  /** The sidecar stops: what would go on for ever ends, and its caller asks for it again elsewhere. */
  finish(): void {
    this.#isLast = true
    if (!this.#isStream || !this.#inbound.response.headersSent) return
    this.handle?.abort()
    this.#inbound.response.end()
  }

  #take(head: Head): void {
    this.#head = head
    // A body that comes with the head is here before this runs; an event stream's head must not wait for its first event.
    queueMicrotask(() => {
      if (this.#head === undefined || this.#whole !== undefined || !this.#writeHead()) return
      this.#inbound.response.flushHeaders()
      if (this.#isLast) this.finish()
    })
  }

  #write(chunk: Buffer): boolean {
    this.#flush()
    const { response } = this.#inbound
    if (response.write(chunk)) return true
    cutWhenStalled(response, this.#patience)
    response.once('drain', () => this.handle?.resume())
    return false
  }

  #end(trailers: string[]): void {
    const { response } = this.#inbound
    const whole = this.#whole
    this.#whole = undefined
    if (this.#head !== undefined && !this.#writeHead()) return
    if (trailers.length > 0) addTrailers(this.#inbound, trailers)
    if (whole === undefined) response.end()
    else endInOneWrite(response, whole)
  }

  #flush(): void {
    if (this.#head !== undefined) this.#writeHead()
    const whole = this.#whole
    this.#whole = undefined
    if (whole !== undefined) this.#inbound.response.write(whole)
  }

  /** Returns false when the head cannot be written, which has been answered then. */
  #writeHead(): boolean {
    const head = this.#head
    const { response } = this.#inbound
    this.#head = undefined
    if (head === undefined || response.destroyed) return false
    try {
      response.sendDate = false
      // Whether a caller that was not told to go on will still send its body, nobody can know: nothing may follow here.
      if (this.#inbound.awaitsContinue) response.shouldKeepAlive = false
      // A 204 has no body; told of a length, some callers wait for one.
      const headers = head.status === 204 ? without(head.headers, lengths) : head.headers
      response.writeHead(head.status, head.reason, headers)
      return true
    } catch (cause) {
      this.handle?.abort()
      this.#inbound.fail(unwritable(cause))
      return false
    }
  }

  #askPipeline(context: RequestContext, status: number, reason: string, headers: string[]): void {
    this.#held = []
    afterCall(this.#pipeline, context, status, headers).then(
      (head) =>
        this.#resumeWith({ status: head.status, reason: head.status === status ? reason : '', headers: head.headers }),
      (error: unknown) => {
        this.#held = undefined
        this.handle?.abort()
        fail(this.#pipeline, context, this.#inbound, pluginFailed('a middleware', error))
      },
    )
  }

  #resumeWith(head: Head): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    this.#head = head
    if (!this.#writeHead()) return
    for (const step of held) step()
    if (held.length > 0) this.handle?.resume()
  }

  /** The node died in mid-answer: the caller must see that, and an end without a length would look like a whole one. */
  #cut(error: MicroError): void {
    this.#inbound.error = error.reason ?? ''
    const { request, response } = this.#inbound
    if (request.httpVersionMinor === 0) request.socket.resetAndDestroy()
    else response.destroy()
  }
}
