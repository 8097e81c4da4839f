import type { LookupFunction } from 'node:net'
import {
  type AnswerSink,
  type Exchange,
  type SendOptions,
  type Target,
  type Transport,
  TransportError,
  type WireRequest,
} from '../transport.js'
import { Http1Exchange } from './exchange.js'
import type { FieldLimits } from './field-scanner.js'
import { IdleList } from './idle-list.js'
import { NodePool, type PoolContext } from './node-pool.js'
import { requestHead } from './request-head.js'

export interface Http1Options {
  /** At most this many connections a node; what is more waits. */
  readonly connections: number
  /** Milliseconds that an unused connection is kept; a node's own shorter hint wins. */
  readonly keepAlive: number
  /** Unused connections to all nodes together; beyond it the one unused for the longest time is closed. */
  readonly totalIdle?: number
  /** Of an answer's head, and of its trailers. */
  readonly maxHeaderBytes?: number
  readonly maxHeaderCount?: number
  /** In place of `dns.lookup`, for host names. */
  readonly lookup?: LookupFunction
}

/** A client of our own for HTTP/1.1 over TCP: strict about what it takes for an answer, and fast. */
export function http1Transport(options: Http1Options): Transport {
  return new Http1Transport(options)
}

const LONGEST_SWEEP = 500
const SHORTEST_SWEEP = 20

class Http1Transport implements Transport, PoolContext {
  readonly name = 'http1'
  readonly passesExpect = true
  readonly connections: number
  readonly keepAlive: number
  readonly limits: FieldLimits
  readonly lookup: LookupFunction | undefined
  readonly idle: IdleList
  isClosing = false
  /** By address and port; a key made of both would have to be made, and hashed, for every request. */
  readonly #pools = new Map<string, Map<number, NodePool>>()
  #open = 0
  #sweep: NodeJS.Timeout | undefined
  #allClosed: (() => void)[] = []

  constructor(options: Http1Options) {
    this.connections = Math.max(1, options.connections)
    this.keepAlive = options.keepAlive
    this.limits = {
      maxHeaderBytes: options.maxHeaderBytes ?? 65_536,
      maxHeaderCount: options.maxHeaderCount ?? 1000,
    }
    this.lookup = options.lookup
    this.idle = new IdleList(options.totalIdle ?? 512)
  }

  send(target: Target, request: WireRequest, sink: AnswerSink, options: SendOptions): Exchange {
    const head = requestHead(request)
    const exchange = new Http1Exchange(request, head ?? '', sink, options)
    if (head === undefined) refuse(exchange, 'request', 'the request holds what cannot be sent')
    else if (this.isClosing) refuse(exchange, 'connect', 'the transport is closed')
    else this.#poolOf(target).send(exchange)
    return exchange
  }

  close(): Promise<void> {
    this.isClosing = true
    this.idle.expire(Number.POSITIVE_INFINITY)
    return new Promise((resolve) => {
      this.#allClosed.push(resolve)
      this.#settle()
    })
  }

  opened(): void {
    this.#open++
  }

  closed(): void {
    this.#open--
    this.#settle()
  }

  #poolOf(target: Target): NodePool {
    return this.#pools.get(target.address)?.get(target.port) ?? this.#addPool(target)
  }

  #addPool(target: Target): NodePool {
    const pool = new NodePool(target, this)
    const ofAddress = this.#pools.get(target.address) ?? new Map<number, NodePool>()
    this.#pools.set(target.address, ofAddress.set(target.port, pool))
    const interval = Math.min(LONGEST_SWEEP, Math.max(SHORTEST_SWEEP, this.keepAlive / 2))
    this.#sweep ??= setInterval(() => this.#tidy(), interval).unref()
    return pool
  }

  /** Closes what has been unused for too long, and forgets nodes without a connection. */
  #tidy(): void {
    const now = performance.now()
    this.idle.expire(now)
    for (const [address, ofAddress] of this.#pools) {
      for (const [port, pool] of ofAddress) {
        pool.expire(now)
        if (pool.isEmpty) ofAddress.delete(port)
      }
      if (ofAddress.size === 0) this.#pools.delete(address)
    }
    if (this.#pools.size === 0) this.#stopSweeping()
  }

  #settle(): void {
    if (!this.isClosing || this.#open > 0) return
    this.#stopSweeping()
    for (const resolve of this.#allClosed.splice(0)) resolve()
  }

  #stopSweeping(): void {
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}

/** Heard of once `send` has returned. */
function refuse(exchange: Http1Exchange, kind: 'request' | 'connect', message: string): void {
  queueMicrotask(() => exchange.fail(new TransportError(kind, message, { sent: false, reused: false })))
}
