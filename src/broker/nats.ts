import { setTimeout as wait } from 'node:timers/promises'
import { ConfigError, MicroError } from '../errors.js'
import type { Log } from '../telemetry/log.js'
import type {
  Broker,
  BrokerStatus,
  Drop,
  Guarantee,
  Listener,
  Message,
  SubscribeOptions,
  Unsubscribe,
} from './broker.js'
import { Drops } from './drops.js'
import { closedError } from './handing.js'
import { messageJson } from './message-json.js'
import { AtLeastOnce } from './nats/at-least-once.js'
import { AtMostOnce } from './nats/at-most-once.js'
import { type Access, connector } from './nats/connection.js'
import type { Attachable, Delivery } from './nats/delivery.js'
import { NoJetStream } from './nats/jetstream.js'
import { Link } from './nats/link.js'
import { serversOf } from './nats/servers.js'
import { Session } from './nats/session.js'
import { subjectOf } from './nats/subject.js'

export interface NatsOptions extends Access {
  readonly servers?: readonly string[] | undefined
  /** The same in one text, with commas. */
  readonly address?: string | undefined
  /** `at-least-once` needs JetStream. */
  readonly delivery?: Guarantee | undefined
  readonly log?: Pick<Log, 'info' | 'warn'> | undefined
  /** Bytes that may wait for a listener that gives promises. */
  readonly buffer?: number | undefined
}

/** Milliseconds that a start waits for the first connection. */
const firstWait = 2000

/** At least once: milliseconds after which a message that nobody works on any more goes to somebody else. */
const usual = { acknowledgeWithin: 10_000 }

/** Messages through NATS, as go-micro puts them there. Throws ConfigError for options that cannot be. */
export function natsBroker(options: NatsOptions = {}, timing: Partial<typeof usual> = {}): Broker {
  return new NatsBroker(options, { ...usual, ...timing })
}

class NatsBroker implements Broker {
  readonly name = 'nats'
  readonly #link: Link
  readonly #delivery: Delivery
  readonly #drops = new Drops()
  readonly #subscriptions = new Set<Attachable>()
  #session: Session | undefined
  /** Said by the server that was asked last. */
  #missing: NoJetStream | undefined
  #closed = false

  constructor(options: NatsOptions, { acknowledgeWithin }: typeof usual) {
    const connect = connector(options)
    const isStored = options.delivery === 'at-least-once'
    this.#delivery = isStored
      ? new AtLeastOnce(this.#drops, acknowledgeWithin)
      : new AtMostOnce(this.#drops, options.buffer ?? 1024 * 1024)
    this.#link = new Link({
      servers: serversOf(options.servers, options.address),
      log: options.log,
      open: async (server, info) => new Session(await connect(server, info), info),
      onUp: (session) => this.#onUp(session),
      onDown: () => {
        this.#session = undefined
      },
    })
  }

  async start(): Promise<void> {
    const late = new AbortController()
    await Promise.race([this.#link.start(), wait(firstWait, undefined, late)])
    late.abort()
    if (this.#missing === undefined) return
    await this.close()
    throw new ConfigError([{ source: 'config', path: 'broker.delivery', message: this.#missing.message }])
  }

  async publish(topic: string, message: Message): Promise<void> {
    if (this.#closed) throw closedError()
    const subject = subjectOf(topic)
    const session = this.#session
    if (session === undefined) throw this.#unreachable()
    const payload = Buffer.from(messageJson(message))
    if (payload.length > session.info.maxPayload) throw tooLarge(payload.length, session.info.maxPayload)
    await this.#delivery.publish(session, subject, payload)
  }

  async subscribe(topic: string, listener: Listener, { queue = '' }: SubscribeOptions = {}): Promise<Unsubscribe> {
    if (this.#closed) throw closedError()
    const subscription = this.#delivery.subscription(topic, queue, listener)
    this.#subscriptions.add(subscription)
    const end = async () => {
      if (this.#subscriptions.delete(subscription)) await subscription.end()
    }
    if (this.#session !== undefined) {
      await subscription.attach(this.#session).catch((error: unknown) => {
        if (!isRefusal(error)) return
        this.#subscriptions.delete(subscription)
        void subscription.end()
        throw error
      })
    }
    return end
  }

  status(): BrokerStatus {
    const { guarantee } = this.#delivery
    if (this.#closed) return { state: 'down', guarantee }
    return this.#session === undefined
      ? { state: 'down', guarantee, detail: this.#link.reason }
      : { state: 'ok', guarantee }
  }

  watchDrops(listener: (drop: Drop) => void): () => void {
    return this.#drops.watch(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.end()))
    this.#subscriptions.clear()
    // What was acknowledged last is still in a buffer that the library does not empty.
    await this.#session?.acceptance.settled().catch(() => undefined)
    await this.#link.close()
  }

  /** From here on the session is used, but it counts as reached when the server knows all subscriptions. */
  async #onUp(session: Session): Promise<void> {
    this.#missing = undefined
    await this.#delivery.prepare(session).catch((error: unknown) => {
      if (error instanceof NoJetStream) this.#missing = error
      throw error
    })
    this.#session = session
    await Promise.allSettled([...this.#subscriptions].map((subscription) => subscription.attach(session)))
    await session.acceptance.settled()
  }

  #unreachable(): MicroError {
    const detail = `NATS cannot be reached: ${this.#link.reason ?? 'the connection is being made'}`
    return new MicroError('go.micro.broker', 503, detail, { reason: 'connect', retryAfter: 1 })
  }
}

/** Anything else is a session that was lost meanwhile, and is followed by another. */
function isRefusal(error: unknown): boolean {
  return error instanceof MicroError && error.reason === 'forbidden'
}

function tooLarge(size: number, most: number): MicroError {
  const detail = `the message takes ${size} bytes on its way, and the NATS server takes ${most} (its max_payload)`
  return new MicroError('go.micro.broker', 413, detail, { reason: 'too_large' })
}
