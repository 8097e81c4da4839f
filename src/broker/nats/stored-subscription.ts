import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { ConsumerConfig, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import { MicroError, wordsOf } from '../../errors.js'
import type { Listener } from '../broker.js'
import type { Drops } from '../drops.js'
import { readMessage } from '../read-message.js'
import type { Attachable } from './delivery.js'
import { InFlight, refuse } from './in-flight.js'
import type { Session } from './session.js'
import { nameFor, type Streams } from './streams.js'
import { subjectOf } from './subject.js'

export interface StoredOptions {
  readonly topic: string
  readonly queue: string
  readonly listener: Listener
  readonly drops: Drops
  /** Milliseconds after which the server gives a message that nobody works on to somebody else. */
  readonly acknowledgeWithin: number
  streams(session: Session): Streams
}

/** Messages that a listener may have unsettled, and that wait here for it. */
const mostHeld = 32
/** Unsettled ones of all members of a queue; the server gives out no more. */
const mostUnsettled = 1024
/** Milliseconds for which messages are stored for a queue without members, and for a subscriber that is away. */
const remembered = { queue: 3_600_000, subscriber: 300_000 }
/** Milliseconds between attempts to be let in again. */
const pause = 1000
const nanoseconds = 1e6

/** A subscription that the server remembers: each message is delivered until the listener has taken it. */
export class StoredSubscription implements Attachable {
  readonly #options: StoredOptions
  readonly #subject: string
  /** Members of a queue share what the server remembers. */
  readonly #name: string
  readonly #inFlight: InFlight
  #session: Session | undefined
  #messages: ConsumerMessages | undefined
  #ended = false

  constructor(options: StoredOptions) {
    const { topic, queue } = options
    this.#options = options
    this.#inFlight = new InFlight(mostHeld, options.acknowledgeWithin * 0.4)
    this.#subject = subjectOf(topic, queue)
    this.#name = queue === '' ? nameFor('subscriber', topic, randomUUID()) : nameFor('queue', queue, topic, queue)
  }

  async attach(session: Session): Promise<void> {
    this.#session = session
    try {
      void this.#read(session, await this.#open(session))
    } catch (error) {
      // It goes on trying, unless it is ended for this.
      void this.#read(session, undefined)
      if (session.ended) return
      const detail = `the NATS server did not subscribe to ${this.#subject}: ${wordsOf(error)}`
      throw new MicroError('go.micro.broker', 503, detail, { reason: 'forbidden', cause: error })
    }
  }

  /** What waits here goes back to the server at once. A queue is remembered without members, too. */
  async end(): Promise<void> {
    this.#ended = true
    this.#messages?.stop()
    const session = this.#session
    if (session === undefined || session.ended || this.#options.queue !== '') return
    const streams = this.#options.streams(session)
    await streams.consumers.delete(await streams.of(this.#subject), this.#name).catch(() => undefined)
  }

  async #open(session: Session): Promise<ConsumerMessages> {
    const streams = this.#options.streams(session)
    const stream = await streams.of(this.#subject)
    try {
      await streams.consumers.add(stream, await this.#config())
      const consumer = await streams.client.consumers.get(stream, this.#name)
      this.#messages = await consumer.consume({
        max_messages: mostHeld,
        expires: 10_000,
        abort_on_missing_resource: true,
      })
      return this.#messages
    } catch (error) {
      streams.forget(this.#subject)
      throw error
    }
  }

  async #config(): Promise<Partial<ConsumerConfig>> {
    const { queue, acknowledgeWithin } = this.#options
    const { AckPolicy, DeliverPolicy } = await import('@nats-io/jetstream')
    return {
      durable_name: this.#name,
      filter_subject: this.#subject,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.New,
      ack_wait: acknowledgeWithin * nanoseconds,
      inactive_threshold: (queue === '' ? remembered.subscriber : remembered.queue) * nanoseconds,
      max_ack_pending: mostUnsettled,
      max_deliver: -1,
    }
  }

  /** Until the session is lost. Somebody may remove the stream or what the server remembers: then it is made anew. */
  async #read(session: Session, messages: ConsumerMessages | undefined): Promise<void> {
    for (let current = messages; ; ) {
      if (current !== undefined) await this.#take(current)
      if (this.#ended || session.ended) return
      this.#options.streams(session).forget(this.#subject)
      await wait(pause)
      if (this.#ended || session.ended) return
      current = await this.#open(session).catch(() => undefined)
    }
  }

  async #take(messages: ConsumerMessages): Promise<void> {
    try {
      for await (const message of messages) {
        await this.#inFlight.room()
        if (this.#ended) message.nak()
        else this.#hand(message)
      }
    } catch {
      // The library says so when it will not go on; `#read` does.
    }
  }

  #hand(stored: JsMsg): void {
    const { topic, listener, drops } = this.#options
    const message = readMessage(stored.data)
    if (message === undefined) {
      drops.tell(topic, 'malformed')
      return stored.term('no message of go-micro')
    }
    try {
      const taken: unknown = listener(message)
      if (taken instanceof Promise) this.#inFlight.add(stored, taken)
      else stored.ack()
    } catch {
      refuse(stored)
    }
  }
}
