import type { LookupFunction } from 'node:net'
import { type Target, TransportError } from '../transport.js'
import { Connection } from './connection.js'
import type { ConnectionOwner } from './connection-owner.js'
import type { Http1Exchange } from './exchange.js'
import { ExchangeQueue } from './exchange-queue.js'
import type { FieldLimits } from './field-scanner.js'
import type { IdleList } from './idle-list.js'

/** What all pools of a transport share. */
export interface PoolContext {
  readonly connections: number
  readonly keepAlive: number
  readonly limits: FieldLimits
  readonly lookup: LookupFunction | undefined
  readonly idle: IdleList
  readonly isClosing: boolean
  opened(): void
  closed(): void
}

/** A node closes a kept connection when its time is over; this much earlier we do. */
const HINT_MARGIN = 1000

/** The connections to one node, and the exchanges that wait for one. */
export class NodePool implements ConnectionOwner {
  readonly limits: FieldLimits
  readonly lookup: LookupFunction | undefined
  readonly #target: Target
  readonly #context: PoolContext
  readonly #queue = new ExchangeQueue((exchange, timedOut) => this.#left(exchange, timedOut))
  /** The one used last is at the end, and is used first. */
  readonly #idle: Connection[] = []
  /** The oldest attempt is at the start. */
  readonly #opening: Connection[] = []
  #count = 0

  constructor(target: Target, context: PoolContext) {
    this.#target = { address: target.address, port: target.port }
    this.#context = context
    this.limits = context.limits
    this.lookup = context.lookup
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#queue.size === 0
  }

  send(exchange: Http1Exchange): void {
    const connection = this.#takeIdle()
    if (connection !== undefined) {
      connection.carry(exchange)
      return
    }
    this.#queue.push(exchange)
    this.#open()
  }

  /** Gives up attempts to connect that nobody has waited for since `now`. */
  expire(now: number): void {
    for (const connection of this.#opening.slice()) {
      if (connection.expiresAt <= now) connection.dispose()
    }
  }

  connected(connection: Connection): void {
    remove(this.#opening, connection)
    this.#serve(connection, undefined)
  }

  refused(cause: unknown): void {
    const error = this.#error('connect', '', cause)
    this.#queue.shift()?.fail(error)
  }

  freed(connection: Connection, hint: number | undefined): void {
    this.#serve(connection, hint)
  }

  lost(connection: Connection): void {
    this.#count--
    if (connection.isIdle) {
      connection.isIdle = false
      this.#context.idle.remove(connection)
      remove(this.#idle, connection)
    } else {
      remove(this.#opening, connection)
    }
    // A place is free for one that waits; not in this stack, whose owner may be about to fill it.
    if (this.#queue.size > 0) queueMicrotask(() => this.#open())
  }

  returned(exchange: Http1Exchange): void {
    this.send(exchange)
  }

  closed(): void {
    this.#context.closed()
  }

  #takeIdle(): Connection | undefined {
    if (this.#idle.length === 0) return undefined
    const now = performance.now()
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) return undefined
      this.#context.idle.remove(connection)
      connection.isIdle = false
      if (connection.expiresAt > now) return connection
      connection.dispose()
    }
  }

  #serve(connection: Connection, hint: number | undefined): void {
    const next = this.#queue.shift()
    if (next !== undefined) {
      connection.carry(next)
      return
    }
    const { keepAlive, isClosing, idle } = this.#context
    const time = hint === undefined ? keepAlive : Math.min(keepAlive, hint - HINT_MARGIN)
    if (isClosing || time <= 0) {
      connection.dispose()
      return
    }
    connection.expiresAt = performance.now() + time
    connection.isIdle = true
    this.#idle.push(connection)
    idle.add(connection)
  }

  /** Starts to connect, where one that waits has no attempt of its own yet. */
  #open(): void {
    const waiting = this.#queue
    while (waiting.size > this.#opening.length && this.#count < this.#context.connections) {
      try {
        const connection = new Connection(this.#target, this)
        connection.expiresAt = performance.now() + waiting.patience
        this.#context.opened()
        this.#count++
        this.#opening.push(connection)
      } catch (cause) {
        const refused = waiting.shift()
        // The caller may still be in the middle of `send`.
        queueMicrotask(() => refused?.fail(this.#error('connect', '', cause)))
      }
    }
  }

  #left(exchange: Http1Exchange, timedOut: boolean): void {
    if (this.#opening.length > this.#queue.size) this.#opening[0]?.dispose()
    if (timedOut) exchange.fail(this.#error('timeout', ` within ${exchange.options.connectTimeout} ms`))
  }

  #error(kind: 'connect' | 'timeout', detail: string, cause?: unknown): TransportError {
    const message = `no connection to ${this.#target.address}:${this.#target.port}${detail}`
    return new TransportError(kind, message, { sent: false, reused: false, cause })
  }
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item)
  if (index >= 0) list.splice(index, 1)
}
