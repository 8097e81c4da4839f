import { MicroError, wordsOf } from '../errors.js'
import { Brakes } from './brakes.js'
import type { Broker, BrokerStatus, Drop, Listener, Message, SubscribeOptions, Unsubscribe } from './broker.js'
import { checkedMessage } from './message.js'
import { nameRefusal } from './names.js'
import { BrokerTally } from './tally.js'

/**
 * What everyone here uses in place of the broker itself: names are checked, what passes is counted, and what is not
 * accepted is an error in the form that callers see.
 */
export class CheckedBroker implements Broker {
  readonly tally: BrokerTally
  /** What its subscribers here put between a publisher and the broker. */
  readonly brakes = new Brakes()
  readonly #broker: Broker

  constructor(broker: Broker, tally = new BrokerTally()) {
    this.#broker = broker
    this.tally = tally
    this.watchDrops(({ reason }) => this.tally.dropped(reason))
  }

  get name(): string {
    return this.#broker.name
  }

  async start(): Promise<void> {
    await this.#broker.start?.()
  }

  async publish(topic: string, message: Message): Promise<void> {
    checkNames(topic)
    const checked = checkedMessage(message)
    if (this.brakes.hold(topic)) await this.brakes.released(topic)
    try {
      await this.#broker.publish(topic, checked)
    } catch (error) {
      throw this.#unavailable('did not accept the message', error)
    }
    this.tally.of(topic).published++
  }

  async subscribe(topic: string, listener: Listener, options: SubscribeOptions = {}): Promise<Unsubscribe> {
    checkNames(topic, options.queue)
    const counts = this.tally.came(topic)
    let isIn = true
    const leave = () => {
      if (isIn) this.tally.left(counts)
      isIn = false
    }
    const counted = (message: Message) => {
      counts.delivered++
      return listener(message)
    }
    const unsubscribe = await this.join(topic, counted, options).catch((error: unknown) => {
      leave()
      throw error
    })
    return () => {
      leave()
      return unsubscribe()
    }
  }

  /** Subscribes for somebody who counts what it hands on. */
  async join(topic: string, listener: Listener, options: SubscribeOptions = {}): Promise<Unsubscribe> {
    checkNames(topic, options.queue)
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

function checkNames(topic: string, queue?: string): void {
  const refusal = nameRefusal(topic, queue)
  if (refusal !== undefined) throw refusal
}
