import { MicroError, wordsOf } from '../errors.js'
import type { Broker, BrokerStatus, Drop, Listener, Message, SubscribeOptions, Unsubscribe } from './broker.js'
import { nameRefusal } from './names.js'

/**
 * What everyone here uses in place of the broker itself: names are checked, and what is not accepted is an error in the
 * form that callers see.
 */
export class CheckedBroker implements Broker {
  readonly #broker: Broker

  constructor(broker: Broker) {
    this.#broker = broker
  }

  get name(): string {
    return this.#broker.name
  }

  async start(): Promise<void> {
    await this.#broker.start?.()
  }

  async publish(topic: string, message: Message): Promise<void> {
    const refusal = nameRefusal(topic)
    if (refusal !== undefined) throw refusal
    try {
      await this.#broker.publish(topic, message)
    } catch (error) {
      throw this.#unavailable('did not accept the message', error)
    }
  }

  async subscribe(topic: string, listener: Listener, options: SubscribeOptions = {}): Promise<Unsubscribe> {
    const refusal = nameRefusal(topic, options.queue)
    if (refusal !== undefined) throw refusal
    try {
      return await this.#broker.subscribe(topic, listener, options)
    } catch (error) {
      throw this.#unavailable('did not subscribe', error)
    }
  }

  /** A broker of a plugin's may throw instead. */
  status(): BrokerStatus {
    try {
      return this.#broker.status()
    } catch (error) {
      return { state: 'down', guarantee: 'at-most-once', detail: wordsOf(error) }
    }
  }

  watchDrops(listener: (drop: Drop) => void): () => void {
    return this.#broker.watchDrops?.(listener) ?? (() => undefined)
  }

  async close(): Promise<void> {
    await this.#broker.close()
  }

  #unavailable(what: string, cause: unknown): MicroError {
    if (cause instanceof MicroError) return cause
    const detail = `the broker ${this.name} ${what}: ${wordsOf(cause)}`
    return new MicroError('go.micro.broker', 503, detail, { reason: 'connect', cause, retryAfter: 1 })
  }
}
