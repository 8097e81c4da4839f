import type { AnswerSink, Exchange, SendOptions, TransportError, WireRequest } from '../transport.js'

/** What carries an exchange at the moment: the queue it waits in, or a connection. */
export interface Carrier {
  resume(): void
  /** The caller has left. */
  abandon(exchange: Http1Exchange): void
}

/** One request and its answer; also a link of the queue that it may wait in. */
export class Http1Exchange implements Exchange {
  readonly request: WireRequest
  readonly head: string
  readonly sink: AnswerSink
  readonly options: SendOptions
  carrier: Carrier | undefined
  over = false
  sent = false
  before: Http1Exchange | undefined
  behind: Http1Exchange | undefined
  timer: NodeJS.Timeout | undefined

  constructor(request: WireRequest, head: string, sink: AnswerSink, options: SendOptions) {
    this.request = request
    this.head = head
    this.sink = sink
    this.options = options
  }

  resume(): void {
    this.carrier?.resume()
  }

  abort(): void {
    if (this.over) return
    this.over = true
    this.carrier?.abandon(this)
  }

  /** Whether the connection may carry another exchange. */
  end(trailers: string[]): boolean {
    if (this.over) return true
    this.over = true
    return this.sink.onEnd(trailers) !== false
  }

  fail(error: TransportError): void {
    if (this.over) return
    this.over = true
    this.sink.onError(error)
  }
}
