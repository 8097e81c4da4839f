import type { Socket } from 'node:net'
import { type Target, TransportError, type TransportErrorKind } from '../transport.js'
import type { AnswerHead } from './answer-head.js'
import { AnswerParser, type AnswerReceiver } from './answer-parser.js'
import type { BodyWriter } from './body-writer.js'
import type { ConnectionOwner } from './connection-owner.js'
import { dial, isReset, type Reading } from './dial.js'
import type { Carrier, Http1Exchange } from './exchange.js'
import type { IdleLink } from './idle-list.js'
import { ReadBuffer } from './read-buffer.js'
import { isRepeatable, sendRequest } from './request-writer.js'
import { SilenceLimit } from './silence-limit.js'

/** One connection to a node, and the exchange that it carries. */
export class Connection implements Carrier, AnswerReceiver, IdleLink, Reading {
  expiresAt = 0
  older: IdleLink | undefined
  newer: IdleLink | undefined
  isIdle = false
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #parser: AnswerParser
  readonly #buffer = new ReadBuffer()
  readonly #silence = new SilenceLimit(() => this.#fail('timeout', 'the node fell silent in mid-body'))
  #exchange: Http1Exchange | undefined
  #writer: BodyWriter | undefined
  #isConnected = false
  #isGone = false
  #isPaused = false
  #carried = 0

  /** Throws on a target that is none. */
  constructor(target: Target, owner: ConnectionOwner) {
    this.#owner = owner
    this.#parser = new AnswerParser(this, owner.limits)
    this.#socket = dial(target, this, owner.lookup)
    this.#socket.on('connect', () => this.#connected())
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('error', (cause) => this.#lose('the connection broke', cause))
    this.#socket.on('drain', () => this.#writer?.drained())
    this.#socket.on('close', () => this.#closed())
  }

  carry(exchange: Http1Exchange): void {
    this.#exchange = exchange
    exchange.carrier = this
    // Its end may have arrived unread: what cannot be sent twice waits until all that has arrived is read.
    if (this.#carried > 0 && !isRepeatable(exchange.request)) setImmediate(send, this)
    else this.send()
  }

  /** Sends the request, unless it is not here any more. */
  send(): void {
    const exchange = this.#exchange
    if (exchange === undefined || exchange.sent) return
    this.#parser.begin(exchange.request.method === 'HEAD')
    exchange.sent = true
    this.#writer = sendRequest(this.#socket, exchange, (message, cause) => this.#fail('request', message, cause))
    // The kernel has refused it on the spot; the event follows.
    if (this.#socket.errored !== null) exchange.sent = false
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#awaitMore()
    this.#socket.resume()
  }

  abandon(): void {
    this.dispose()
  }

  dispose(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#release()
    this.#parser.stop()
    this.#owner.lost(this)
    this.#socket.destroy()
  }

  buffer(): Buffer {
    return this.#buffer.next()
  }

  take(count: number): boolean {
    if (this.#exchange?.sent !== true) {
      this.#lose('the node spoke unasked')
      return false
    }
    try {
      this.#read(count)
    } catch (error) {
      // Thrown by the sink. Where its answer ends is lost with it, so the connection must carry no other.
      this.#lose('the connection was given up', error)
      throw error
    }
    return !this.#isPaused
  }

  information(status: number, headers: string[]): void {
    this.#exchange?.sink.onInformation?.(status, headers)
  }

  head(head: AnswerHead): void {
    // The node will not read the rest; to go on would only turn its answer into a reset.
    if (head.status >= 400 && !head.keepAlive) this.#writer?.stop()
    this.#exchange?.sink.onHead(head.status, head.headers, head.reason)
  }

  body(_buffer: Buffer, from: number, to: number): void {
    const exchange = this.#exchange
    if (exchange !== undefined && !exchange.sink.onData(this.#buffer.lend(from, to))) this.#isPaused = true
  }

  #read(count: number): void {
    const parser = this.#parser
    const end = parser.read(this.#buffer.filled(count), count)
    if (this.#isGone) return
    if (parser.fault !== undefined) this.#fail('protocol', `the answer is refused: ${parser.fault}`)
    else if (!parser.done) this.#awaitMore()
    else if (end < count && parser.hasBody) this.#fail('protocol', 'the answer is refused: it goes on behind its end')
    else this.#finish(end === count)
  }

  #connected(): void {
    this.#isConnected = true
    this.#owner.connected(this)
  }

  /** The node will send no more. */
  #ended(): void {
    const isWhole = this.#exchange?.sent === true && this.#parser.endsWithConnection
    if (isWhole && !isReset(this.#socket)) this.#finish(false)
    else this.#lose('the node ended the connection')
  }

  #closed(): void {
    this.#lose('the connection was closed')
    this.#owner.closed()
  }

  #awaitMore(): void {
    if (this.#parser.awaitsHead || this.#exchange === undefined) return
    if (this.#isPaused) this.#silence.stop()
    else this.#silence.start(this.#exchange.options.idleTimeout)
  }

  #finish(isExact: boolean): void {
    const exchange = this.#exchange
    const { head, trailers } = this.#parser
    const isSentWhole = this.#writer === undefined || this.#writer.done
    this.#release()
    this.#carried++
    let isWanted = false
    try {
      isWanted = exchange?.end(trailers) ?? false
    } finally {
      if (isWanted && isExact && isSentWhole && head.keepAlive) this.#owner.freed(this, head.keepAliveHint)
      else this.dispose()
    }
  }

  #fail(kind: TransportErrorKind, message: string, cause?: unknown): void {
    const exchange = this.#exchange
    const state = { sent: exchange?.sent === true, reused: this.#carried > 0, cause }
    this.dispose()
    exchange?.fail(new TransportError(kind, message, state))
  }

  #lose(message: string, cause?: unknown): void {
    if (this.#isGone) return
    const exchange = this.#exchange
    if (!this.#isConnected) {
      this.dispose()
      this.#owner.refused(cause)
    } else if (exchange !== undefined && !exchange.sent && this.#carried > 0) {
      this.dispose()
      this.#owner.returned(exchange)
    } else {
      this.#fail('reset', message, cause)
    }
  }

  #release(): void {
    if (this.#exchange !== undefined) this.#exchange.carrier = undefined
    this.#exchange = undefined
    this.#writer?.stop()
    this.#writer = undefined
    this.#silence.stop()
    this.#isPaused = false
  }
}

function send(connection: Connection): void {
  connection.send()
}
