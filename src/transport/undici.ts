import { isIPv6 } from 'node:net'
import { Client, type Dispatcher, Pool } from 'undici'
import {
  type AnswerSink,
  type Exchange,
  type SendOptions,
  type Target,
  type Transport,
  TransportError,
  type WireRequest,
} from './transport.js'
import { UndiciExchange } from './undici-exchange.js'

export interface UndiciOptions {
  /** At most this many connections a node. */
  readonly connections: number
  /** Milliseconds that an unused connection is kept; a node's own shorter hint wins. */
  readonly keepAlive: number
  /** Nodes with open connections at the same time; beyond it the one not used for the longest time is closed. */
  readonly nodes?: number
  readonly maxHeaderBytes?: number
}

/** On undici's dispatch. Cannot send trailers, nor pass on an answer of 100. */
export function undiciTransport(options: UndiciOptions): Transport {
  return new UndiciTransport(options)
}

interface NodePool {
  readonly key: string
  readonly pool: Pool
  used: number
}

class UndiciTransport implements Transport {
  readonly name = 'undici'
  readonly #options: UndiciOptions
  readonly #pools = new Map<string, NodePool>()
  readonly #leaving = new Set<Promise<void>>()
  #uses = 0
  #closed = false

  constructor(options: UndiciOptions) {
    this.#options = options
  }

  send(target: Target, request: WireRequest, sink: AnswerSink, options: SendOptions): Exchange {
    const exchange = new UndiciExchange(request, sink, options)
    if (this.#closed) {
      exchange.refuse(new TransportError('connect', 'the transport is closed', { sent: false, reused: false }))
      return exchange
    }
    try {
      exchange.dispatch(this.#poolOf(target))
    } catch (cause) {
      const message = `${target.address}:${target.port} is no address to connect to`
      exchange.refuse(new TransportError('connect', message, { sent: false, reused: false, cause }))
    }
    return exchange
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const entry of this.#pools.values()) this.#leave(entry)
    await Promise.all(this.#leaving)
  }

  #poolOf(target: Target): Pool {
    const key = isIPv6(target.address) ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`
    const entry = this.#pools.get(key) ?? this.#open(key)
    entry.used = ++this.#uses
    return entry.pool
  }

  #open(key: string): NodePool {
    const pool = new Pool(`http://${key}`, poolOptions(this.#options))
    const entry = { key, pool, used: 0 }
    if (this.#pools.size >= (this.#options.nodes ?? 512)) this.#leave(leastRecent(this.#pools.values()))
    this.#pools.set(key, entry)
    return entry
  }

  #leave(entry: NodePool | undefined): void {
    if (entry === undefined) return
    this.#pools.delete(entry.key)
    const leaving = entry.pool.close().finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }
}

/** Counts its exchanges, so that an exchange can tell whether its connection is a used one. */
class CountingClient extends Client {
  #exchanges = 0

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof UndiciExchange) handler.countUse = () => this.#exchanges++
    return super.dispatch(options, handler)
  }

  forget(): void {
    this.#exchanges = 0
  }
}

function poolOptions(options: UndiciOptions): Pool.Options {
  const keepAlive = Math.max(1, options.keepAlive)
  return {
    connections: options.connections,
    keepAliveTimeout: keepAlive,
    keepAliveMaxTimeout: keepAlive,
    keepAliveTimeoutThreshold: 1000,
    headersTimeout: 0,
    maxHeaderSize: options.maxHeaderBytes ?? 65_536,
    connect: { timeout: 10_000, autoSelectFamily: true },
    factory: countingClient,
  }
}

function countingClient(origin: URL, options: object): Client {
  const client = new CountingClient(origin, options)
  client.on('disconnect', () => client.forget())
  return client
}

function leastRecent(entries: Iterable<NodePool>): NodePool | undefined {
  let oldest: NodePool | undefined
  for (const entry of entries) {
    if (oldest === undefined || entry.used < oldest.used) oldest = entry
  }
  return oldest
}
