import { setTimeout as wait } from 'node:timers/promises'
import { wordsOf } from '../../errors.js'
import { hostPort } from '../../http/address.js'
import type { Log } from '../../telemetry/log.js'
import { knock, type ServerInfo } from './knock.js'
import type { NatsServer } from './servers.js'
import type { Session } from './session.js'

export interface LinkOptions {
  readonly servers: readonly NatsServer[]
  readonly log: Pick<Log, 'info' | 'warn'> | undefined
  open(server: NatsServer, info: ServerInfo): Promise<Session>
  /** Makes the session of use. What it throws ends it. */
  onUp(session: Session): Promise<void>
  /** After each `onUp`, also after one that threw. */
  onDown(reason: string): void
}

/** Milliseconds: what a server has to take a connection, the first pause after a failure, and the longest. */
const patience = 1500
const pauses = { first: 100, most: 1500 }

/**
 * Keeps one connection to one of the servers. The library could do so itself, but then `publish` would fill its buffer
 * meanwhile (see `Acceptance`), and a first connection that does not come about could not be given up. So it is told to
 * connect once, without reconnecting, and each connection is a new one. Pauses are drawn, so that those who lost the
 * same server do not come back together; the longest is short enough for being back within 3 s.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #closing = new AbortController()
  #reason: string | undefined = 'it was not started'
  #session: Session | undefined
  /** Told by the server that was reached last. */
  #cluster: readonly NatsServer[] = []
  #kept: Promise<void> | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Why there is no session. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Resolves when the first round is over, whatever came of it. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#kept ??= this.#keep(resolve)
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#session?.end('the broker is closed')
    await this.#kept
  }

  async #keep(onRound: () => void): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; ) {
      const session = await this.#connect()
      if (session !== undefined) this.#up(session)
      onRound()
      if (session !== undefined) await this.#downAfter(session)
      failures = session === undefined ? failures + 1 : 0
      const pause = Math.min(pauses.first * 2 ** failures, pauses.most)
      await wait(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
    }
  }

  /** Each server once. */
  async #connect(): Promise<Session | undefined> {
    for (const server of this.#candidates()) {
      if (this.#closing.signal.aborted) return undefined
      try {
        return await this.#reach(server)
      } catch (error) {
        this.#failed(`${hostPort(server.host, server.port)}: ${wordsOf(error)}`)
      }
    }
    return undefined
  }

  async #reach(server: NatsServer): Promise<Session> {
    const info = await knock(server, patience, this.#closing.signal)
    const session = await this.#options.open(server, info)
    this.#cluster = info.cluster
    try {
      await this.#options.onUp(session)
      if (this.#closing.signal.aborted) throw new Error('the broker is closed')
      return session
    } catch (error) {
      session.end(wordsOf(error))
      this.#options.onDown(wordsOf(error))
      throw error
    }
  }

  /** Those of the configuration in any order, then what they told of. */
  #candidates(): readonly NatsServer[] {
    const { servers } = this.#options
    const first = servers.map((server) => ({ server, turn: Math.random() })).sort((a, b) => a.turn - b.turn)
    const others = this.#cluster.filter(
      ({ host, port }) => !servers.some((one) => one.host === host && one.port === port),
    )
    const secure = servers.some((server) => server.secure)
    return [...first.map(({ server }) => server), ...others.map((server) => ({ ...server, secure }))]
  }

  #up(session: Session): void {
    this.#session = session
    this.#reason = undefined
    this.#options.log?.info('connected to NATS', { server: session.connection.getServer() })
  }

  async #downAfter(session: Session): Promise<void> {
    const reason = await session.lost
    this.#session = undefined
    this.#failed(reason)
    this.#options.onDown(reason)
  }

  /** The first failure is said in the log, for those that follow say the same. */
  #failed(reason: string): void {
    if (this.#reason === undefined || this.#reason === 'it was not started') {
      if (!this.#closing.signal.aborted)
        this.#options.log?.warn('NATS cannot be reached: trying again', { error: reason })
    }
    this.#reason = reason
  }
}
