import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { MicroError } from '../errors.js'
import { answerError } from './answer.js'
import { type Caller, callerOf } from './caller.js'
import { without } from './header-list.js'
import type { InFlight } from './in-flight.js'
import type { Intake } from './intake.js'
import { RequestHead } from './request-head.js'
import { requestId } from './request-id.js'

/** One request of a caller from its head to the end of its answer, with what the access log says of it. */
export class Inbound {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly head: RequestHead
  readonly caller: Caller
  /** What took it, and hears of its end; `undefined` for an upgrade. */
  intake: Intake | undefined
  readonly id: string
  /** `performance.now()`. */
  readonly startedAt = performance.now()
  /** The request-target in origin form. */
  target: string
  /** `rpc`, `proxy`, or the first segment of a path of the sidecar's own: what answers. */
  handler = 'none'
  service = ''
  method = ''
  node = ''
  attempts = 0
  /** The `micro-error` of an answer that the sidecar made. */
  error = ''
  /** What went wrong inside, for the log: a caller is told the sentence, not the cause. */
  failure: MicroError | undefined
  /** Of the answer; 0 until it is known. */
  status = 0
  /**
   * Aborted when the caller has gone before its answer was whole. An object and not a function: V8 makes a function
   * that is assigned to a property as an old one at once, and an old one keeps its dead call through every scavenge.
   */
  call: { abort(): void; finish?(): void } | undefined
  #inFlight: InFlight | undefined
  #continued = false

  constructor(request: IncomingMessage, response: ServerResponse, intake?: Intake) {
    this.request = request
    this.response = response
    this.intake = intake
    this.head = new RequestHead(request)
    this.caller = callerOf(request.socket)
    this.id = requestId(this.head.requestId)
    this.target = originForm(request.url ?? '/')
  }

  /** It is a call now, and counted until it is over. */
  enter(inFlight: InFlight): void {
    this.#inFlight = inFlight
    inFlight.enter()
  }

  /** Harmless for what was not counted, or is no more. */
  leave(): void {
    this.#inFlight?.leave()
    this.#inFlight = undefined
  }

  /** The caller was not told yet to send the body that it announced. */
  get awaitsContinue(): boolean {
    return this.head.expectsContinue && !this.#continued
  }

  /** Tells a caller that asked for it to send its body. */
  writeContinue(): void {
    this.#continued = true
    this.response.writeContinue()
  }

  /** The target without its query. */
  get path(): string {
    const query = this.target.indexOf('?')
    return query < 0 ? this.target : this.target.slice(0, query)
  }

  /** The status of the answer that has ended; 499, as nginx says it, where the caller left before there was one. */
  get code(): number {
    return this.status || (this.response.headersSent ? this.response.statusCode : 499)
  }

  get elapsed(): number {
    return performance.now() - this.startedAt
  }

  /** Adds to an answer's headers how the call went. */
  pushOwnHeaders(headers: string[]): void {
    const milliseconds = Math.round(this.elapsed * 10) / 10
    headers.push('micro-attempts', String(this.attempts), 'server-timing', `micro;dur=${milliseconds}`)
  }

  /** What Express functions changed on the request, its `url` and its `headers`, counts from here on. */
  adopt(before: IncomingHttpHeaders): void {
    this.target = originForm(this.request.url ?? '/')
    const after = this.request.headers
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    const changed = [...names].filter((name) => before[name] !== after[name])
    if (changed.length === 0) return
    this.head.headers = without(this.head.headers, new Set(changed))
    for (const name of changed) {
      const value = after[name]
      for (const one of typeof value === 'string' ? [value] : (value ?? [])) this.head.headers.push(name, one)
    }
  }

  fail(error: MicroError, extra: readonly string[] = []): void {
    this.error = error.reason ?? ''
    if (error.reason === 'internal') this.failure = error
    const headers = ['x-request-id', this.id, ...extra]
    this.pushOwnHeaders(headers)
    answerError(this.response, error, headers)
  }
}

/** `http://host/path` means `/path` here: this server is the one that was asked. */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target
  const match = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)
  if (match === null) return target
  const rest = match[1] ?? ''
  return rest.startsWith('/') ? rest : `/${rest}`
}
