import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Broker, Message, SubscribeOptions, Unsubscribe } from '../../broker/broker.js'

export interface BrokerConformanceOptions {
  /** Milliseconds that a message may take. */
  readonly tolerance?: number
  /** Milliseconds after which a message that has not come will not come. */
  readonly silence?: number
}

/** What a broker promises, by name, with what shows it. */
export type Checks = Readonly<Record<string, (bench: Bench) => Promise<void>>>

/** What one subscriber got. */
export interface Subscriber {
  readonly messages: Message[]
  /** The bodies as text. */
  readonly bodies: string[]
  readonly unsubscribe: Unsubscribe
}

/** One test's broker, and topics that no other test uses. */
export class Bench {
  readonly broker: Broker
  readonly topic = `conformance.${randomUUID()}`
  readonly #tolerance: number
  readonly #silence: number

  constructor(broker: Broker, options: BrokerConformanceOptions) {
    this.broker = broker
    this.#tolerance = options.tolerance ?? 2000
    this.#silence = options.silence ?? 50
  }

  async subscribe(topic = this.topic, options: SubscribeOptions = {}): Promise<Subscriber> {
    const messages: Message[] = []
    const bodies: string[] = []
    const take = (message: Message) => {
      messages.push(message)
      bodies.push(message.body.toString())
    }
    return { messages, bodies, unsubscribe: await this.broker.subscribe(topic, take, options) }
  }

  async publish(
    body: string | Buffer,
    header: Readonly<Record<string, string>> = {},
    topic = this.topic,
  ): Promise<void> {
    await this.broker.publish(topic, { header: headerOf(header), body: Buffer.from(body) })
  }

  /** Tries again until it holds or the tolerance is over. */
  async eventually(check: () => void): Promise<void> {
    for (const end = performance.now() + this.#tolerance; ; await wait(5)) {
      try {
        return check()
      } catch (error) {
        if (performance.now() > end) throw error
      }
    }
  }

  /** These bodies, in this order, and no more. */
  async gets(subscriber: Subscriber, bodies: readonly string[]): Promise<void> {
    await this.eventually(() => assert.deepEqual(subscriber.bodies, bodies))
  }

  /** Long enough for what should not come. */
  async silence(): Promise<void> {
    await wait(this.#silence)
  }
}

/** A message's header: without a prototype, so that any name is data. */
export function headerOf(
  entries: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): Message['header'] {
  const header: Record<string, string> = Object.create(null)
  for (const [name, value] of Array.isArray(entries) ? entries : Object.entries(entries)) header[name] = value
  return header
}
