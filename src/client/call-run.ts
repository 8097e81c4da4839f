import { MicroError } from '../errors.js'
import type { AnswerSink, TransportError } from '../transport/transport.js'
import { Attempt } from './attempt.js'
import type { CallHandle, CallProgress, CallSink, ClientCall } from './call.js'
import { entryOf } from './call-entry.js'
import { attemptFailed, noNode, overloaded, preparationFailed, timedOut } from './call-errors.js'
import type { Client } from './client.js'
import { nextNode, Retries } from './retries.js'
import { isReplayable, mayBeRetried, type Remedy } from './retry-policy.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

/** One call from its start to the end of its answer: the sink of every attempt's exchange, one attempt at a time. */
export class CallRun implements AnswerSink, CallHandle, CallProgress {
  attempts = 0
  node: ServiceNode | undefined
  reached = false
  readonly #client: Client
  readonly #call: ClientCall
  readonly #sink: CallSink
  readonly #deadline: number
  #phase: 'waiting' | 'attempting' | 'pausing' | 'answering' | 'done' = 'waiting'
  /** Ends the present phase. */
  #timer: NodeJS.Timeout | undefined
  /** It is the attempt's, which comes before the deadline. */
  #isAttemptTimed = false
  /** The call stands in the `inFlight` of the whole of it. */
  #entry: ServiceEntry | undefined
  #attempt: Attempt | undefined
  #retries: Retries | undefined

  constructor(client: Client, call: ClientCall, sink: CallSink) {
    this.#client = client
    this.#call = call
    this.#sink = sink
    this.#deadline = call.startedAt + call.timeout
  }

  start(): void {
    const entry = entryOf(this.#client, this.#call)
    if (!(entry instanceof Promise)) return this.#enter(entry)
    this.#arm(this.#deadline - performance.now())
    void entry.then((found) => {
      if (this.#phase === 'waiting') this.#enter(found)
    })
  }

  resume(): void {
    this.#attempt?.exchange?.resume()
  }

  abort(): void {
    if (this.#phase === 'done') return
    this.#attempt?.settle('forget')
    this.#attempt?.abort()
    this.#finish()
  }

  /** The timer has run out. */
  elapse(): void {
    if (this.#phase === 'pausing' && this.#entry !== undefined) this.#begin(this.#entry)
    else if (this.#isAttemptTimed && this.#attempt !== undefined) this.onError(this.#attempt.timeOut(this.#call))
    else this.#expire()
  }

  onInformation(status: number, headers: string[]): void {
    this.#sink.onInformation(status, headers)
  }

  onHead(status: number, headers: string[], reason: string): void {
    const attempt = this.#attempt
    this.reached = true
    attempt?.answer(status, headers)
    if (attempt !== undefined && mayBeRetried(status, this.#call.settings)) {
      this.#retries ??= new Retries(this.#call)
      if (this.#again(this.#retries.afterStatus(status, headers, attempt), attempt)) return
    }
    this.#phase = 'answering'
    clearTimeout(this.#timer)
    this.#sink.onHead(status, headers, reason, this)
  }

  onData(chunk: Buffer): boolean {
    if (this.#phase === 'answering') return this.#sink.onData(chunk)
    this.#attempt?.discard(chunk.length)
    return true
  }

  onEnd(trailers: string[]): boolean | void {
    if (this.#phase !== 'answering') return this.#attempt?.release()
    this.#finish()
    return this.#sink.onEnd(trailers)
  }

  onError(error: TransportError): void {
    const attempt = this.#attempt
    if (this.#phase === 'done' || attempt === undefined) return
    if (this.#phase === 'pausing') return attempt.release()
    this.reached ||= error.sent
    this.#retries ??= new Retries(this.#call)
    const remedy = this.#phase === 'attempting' ? this.#retries.afterError(error, attempt) : 'none'
    attempt.fail(error, remedy === 'reopen')
    if (!this.#again(remedy, attempt)) this.#fail(attemptFailed(this.#call, attempt.node, this, error))
  }

  #enter(entry: ServiceEntry | MicroError): void {
    const { settings, startedAt } = this.#call
    if (entry instanceof MicroError) return this.#fail(entry)
    if (!entry.whole.admit(settings.maxInFlight, startedAt)) return this.#fail(overloaded(this.#call))
    this.#entry = entry
    this.#begin(entry)
  }

  /** The first attempt, or the one after a pause. */
  #begin(entry: ServiceEntry): void {
    if (!this.#go(entry, 'retry')) this.#fail(noNode(this.#call, entry, this.reached))
  }

  /** Returns false where no node is left to go to. */
  #go(entry: ServiceEntry, remedy: Remedy): boolean {
    try {
      const node = nextNode(this.#client, entry, this.#call, this.#retries, remedy)
      if (node !== undefined) this.#try(entry, node)
      return node !== undefined
    } catch (error) {
      this.#giveUp(error)
      return true
    }
  }

  #try(entry: ServiceEntry, node: ServiceNode): void {
    const { settings } = this.#call
    // It may still bring an answer that was not wanted.
    this.#attempt?.abort()
    const now = performance.now()
    const left = this.#deadline - now
    if (left <= 0) return this.#expire()
    const limit = Math.min(left, settings.attemptTimeout ?? left)
    this.#phase = 'attempting'
    this.#isAttemptTimed = limit < left
    this.#arm(limit)
    this.node = node
    if (this.attempts++ > 0) entry.whole.counters.retries++
    const request = this.#call.wire(node, this.attempts, limit)
    const outcome = this.#client.begin(entry, node, settings.breaker)
    this.#attempt = new Attempt(node, now, isReplayable(request, settings), outcome, entry.whole.counters)
    this.#attempt.exchange = this.#client.transport.send(node, request, this, settings)
  }

  /** Begins another attempt, or a wait for it. Returns false when what happened stands. */
  #again(remedy: Remedy, { node }: Attempt): boolean {
    const entry = this.#entry
    const now = performance.now()
    const pause = entry && this.#retries?.pause(remedy, node, entry.whole, now, this.#deadline - now)
    if (entry === undefined || pause === undefined) return false
    if (remedy !== 'retry') return this.#go(entry, remedy)
    this.#phase = 'pausing'
    this.#arm(pause)
    return true
  }

  /** The deadline came before the head of an answer. A caller's own shorter deadline is held against no node. */
  #expire(): void {
    this.reached ||= this.#attempt?.isSent === true
    this.#attempt?.end('timeout')
    this.#attempt?.settle(this.#call.timeout < this.#call.settings.timeout ? 'forget' : 'fail')
    this.#attempt?.abort()
    this.#fail(timedOut(this.#call, this))
  }

  /** Something of the user's threw: a balancer, a filter, a codec, a transport. The node is not to blame. */
  #giveUp(cause: unknown): void {
    this.#attempt?.settle('forget')
    this.#attempt?.end('error')
    this.#fail(preparationFailed(cause))
  }

  #fail(error: MicroError): void {
    this.#finish()
    this.#sink.onError(error, this)
  }

  #finish(): void {
    this.#phase = 'done'
    clearTimeout(this.#timer)
    this.#attempt?.release()
    this.#entry?.whole.leave()
    this.#entry = undefined
  }

  #arm(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(elapse, milliseconds, this)
  }
}

function elapse(run: CallRun): void {
  run.elapse()
}
