import type { MicroError } from '../errors.js'
import type { AnswerSink, TransportError } from '../transport/transport.js'
import { Attempt } from './attempt.js'
import type { CallHandle, CallProgress, CallSink, ClientCall } from './call.js'
import { attemptFailed, noNode, preparationFailed, registryFailed, timedOut, unknownService } from './call-errors.js'
import { chooseNode } from './choice.js'
import type { Client } from './client.js'
import { Retries } from './retries.js'
import { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

const none: readonly ServiceNode[] = []

/** One call from its start to the end of its answer: the sink of every attempt's exchange, one attempt at a time. */
export class CallRun implements AnswerSink, CallHandle, CallProgress {
  attempts = 0
  node: ServiceNode | undefined
  readonly #client: Client
  readonly #call: ClientCall
  readonly #sink: CallSink
  readonly #deadline: number
  #phase: 'waiting' | 'attempting' | 'answering' | 'done' = 'waiting'
  #timer: NodeJS.Timeout | undefined
  #entry: ServiceEntry | undefined
  #attempt: Attempt | undefined
  #retries: Retries | undefined
  #replayable = true

  constructor(client: Client, call: ClientCall, sink: CallSink) {
    this.#client = client
    this.#call = call
    this.#sink = sink
    this.#deadline = performance.now() + call.timeout
  }

  start(): void {
    this.#timer = setTimeout(onDeadline, this.#call.timeout, this)
    if (this.#call.node !== undefined) this.#enter(this.#singleNode(this.#call.node))
    else {
      const found = this.#client.discovery.find(this.#call.service)
      if (found instanceof Promise) this.#wait(found)
      else this.#enter(found)
    }
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

  /** The deadline came before the head of an answer. A caller's own shorter deadline is held against no node. */
  expire(): void {
    if (this.#phase === 'done' || this.#phase === 'answering') return
    this.#attempt?.settle(this.#call.timeout < this.#call.settings.timeout ? 'forget' : 'fail')
    this.#attempt?.abort()
    this.#fail(timedOut(this.#call, this.node, this.attempts))
  }

  onInformation(status: number, headers: string[]): void {
    this.#sink.onInformation(status, headers)
  }

  onHead(status: number, headers: string[], reason: string): void {
    this.#phase = 'answering'
    clearTimeout(this.#timer)
    this.#attempt?.settle(status < 500 ? 'succeed' : 'fail')
    this.#sink.onHead(status, headers, reason, this)
  }

  onData(chunk: Buffer): boolean {
    return this.#sink.onData(chunk)
  }

  onEnd(trailers: string[]): boolean | void {
    this.#finish()
    return this.#sink.onEnd(trailers)
  }

  onError(error: TransportError): void {
    const { node } = this
    if (this.#phase === 'done' || node === undefined) return
    this.#attempt?.settle(error.kind === 'request' ? 'forget' : 'fail')
    this.#attempt?.release()
    try {
      if (this.#phase === 'attempting' && this.#retry(error, node)) return
      this.#fail(attemptFailed(this.#call, node, this.attempts, error))
    } catch (cause) {
      this.#giveUp(cause)
    }
  }

  #wait(lookup: Promise<ServiceEntry | undefined>): void {
    lookup.then(
      (entry) => {
        if (this.#phase === 'waiting') this.#enter(entry)
      },
      (cause: unknown) => {
        if (this.#phase === 'waiting') this.#fail(registryFailed(this.#call, this.#client.registry.name, cause))
      },
    )
  }

  #enter(entry: ServiceEntry | undefined): void {
    if (entry === undefined) return this.#fail(unknownService(this.#call, this.#client.registry.name))
    this.#entry = entry
    try {
      const node = this.#choose(entry)
      if (node === undefined) this.#fail(noNode(this.#call, entry))
      else this.#try(entry, node)
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #singleNode(node: ServiceNode): ServiceEntry {
    const entry = new ServiceEntry(this.#call.service)
    entry.nodes = [node]
    return entry
  }

  #choose(entry: ServiceEntry): ServiceNode | undefined {
    return chooseNode(this.#client.balancer(this.#call.service), entry, this.#call, this.#retries?.tried ?? none)
  }

  #try(entry: ServiceEntry, node: ServiceNode): void {
    const { settings } = this.#call
    const now = performance.now()
    this.#phase = 'attempting'
    this.node = node
    this.attempts++
    const request = this.#call.wire(node, this.attempts, this.#deadline - now)
    this.#replayable = request.body === null || request.body instanceof Uint8Array
    const attempt = new Attempt(node, now, this.#client.begin(entry, node, settings.breaker))
    this.#attempt = attempt
    attempt.exchange = this.#client.transport.send(node, request, this, settings)
  }

  /** Another attempt where it can do no harm. Returns false when the failure stands. */
  #retry(error: TransportError, node: ServiceNode): boolean {
    const entry = this.#entry
    if (entry === undefined || performance.now() >= this.#deadline) return false
    this.#retries ??= new Retries(this.#call.settings.retries)
    if (!this.#retries.allows(error, this.#call, this.#replayable, node)) return false
    const next = this.#choose(entry) ?? (error.sent ? node : undefined)
    if (next === undefined) return false
    this.#try(entry, next)
    return true
  }

  /** Something of the user's threw: a balancer, a filter, a codec, a transport. The node is not to blame. */
  #giveUp(cause: unknown): void {
    this.#attempt?.settle('forget')
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
  }
}

function onDeadline(run: CallRun): void {
  run.expire()
}
