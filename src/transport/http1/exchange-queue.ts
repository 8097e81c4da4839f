import type { Carrier, Http1Exchange } from './exchange.js'
import { LONGEST_TIMER } from './silence-limit.js'

/** Exchanges that wait for a connection, first come, first served; each for its own time. */
export class ExchangeQueue implements Carrier {
  size = 0
  readonly #left: (exchange: Http1Exchange, timedOut: boolean) => void
  #first: Http1Exchange | undefined
  #last: Http1Exchange | undefined

  /** `left` hears of those that leave by abort or for lack of time. */
  constructor(left: (exchange: Http1Exchange, timedOut: boolean) => void) {
    this.#left = left
  }

  /** Milliseconds that the first one waits at most. */
  get patience(): number {
    return this.#first?.options.connectTimeout ?? 0
  }

  push(exchange: Http1Exchange): void {
    exchange.carrier = this
    exchange.before = this.#last
    if (this.#last === undefined) this.#first = exchange
    else this.#last.behind = exchange
    this.#last = exchange
    this.size++
    const patience = Math.min(exchange.options.connectTimeout, LONGEST_TIMER)
    exchange.timer = setTimeout(() => this.#timeOut(exchange), patience)
  }

  shift(): Http1Exchange | undefined {
    const first = this.#first
    if (first !== undefined) this.#remove(first)
    return first
  }

  resume(): void {}

  abandon(exchange: Http1Exchange): void {
    this.#remove(exchange)
    this.#left(exchange, false)
  }

  #timeOut(exchange: Http1Exchange): void {
    this.#remove(exchange)
    this.#left(exchange, true)
  }

  #remove(exchange: Http1Exchange): void {
    const { before, behind } = exchange
    if (before === undefined) this.#first = behind
    else before.behind = behind
    if (behind === undefined) this.#last = before
    else behind.before = before
    exchange.before = undefined
    exchange.behind = undefined
    exchange.carrier = undefined
    clearTimeout(exchange.timer)
    exchange.timer = undefined
    this.size--
  }
}
