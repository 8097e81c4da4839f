import { MicroError, wordsOf } from '../../errors.js'
import type { Listener } from '../broker.js'
import type { Drops } from '../drops.js'
import type { Attachable, Delivery } from './delivery.js'
import { hasNoStream, openJetStream } from './jetstream.js'
import type { Session } from './session.js'
import { StoredSubscription } from './stored-subscription.js'
import { Streams } from './streams.js'

/** Milliseconds that the server has to store a message. */
const patience = 5000

/** NATS with JetStream: what was accepted is stored until every subscriber has acknowledged it. */
export class AtLeastOnce implements Delivery {
  readonly guarantee = 'at-least-once'
  readonly #drops: Drops
  readonly #acknowledgeWithin: number
  readonly #prepared = new WeakMap<Session, Streams>()

  constructor(drops: Drops, acknowledgeWithin: number) {
    this.#drops = drops
    this.#acknowledgeWithin = acknowledgeWithin
  }

  async prepare(session: Session): Promise<void> {
    this.#prepared.set(session, new Streams(await openJetStream(session.connection)))
  }

  /**
   * A topic has a stream from its first subscriber on. Without one there is nobody who could acknowledge, and the message
   * is published as it is: should a subscriber make the stream meanwhile, the server still finds it there.
   */
  async publish(session: Session, subject: string, payload: Uint8Array): Promise<void> {
    const { acceptance, connection } = session
    const streams = this.#of(session)
    if (!(await streams.has(subject))) {
      return acceptance.publish(subject, payload.length, () => connection.publish(subject, payload))
    }
    try {
      await acceptance.publish(subject, payload.length, () =>
        streams.client.publish(subject, payload, { timeout: patience }),
      )
    } catch (error) {
      streams.forget(subject)
      // The stream was removed, and nobody else has got the message.
      if (hasNoStream(error)) return this.publish(session, subject, payload)
      throw error instanceof MicroError ? error : notStored(subject, error)
    }
  }

  subscription(topic: string, queue: string, listener: Listener): Attachable {
    return new StoredSubscription({
      ...{ topic, queue, listener, drops: this.#drops, acknowledgeWithin: this.#acknowledgeWithin },
      streams: (session) => this.#of(session),
    })
  }

  #of(session: Session): Streams {
    const prepared = this.#prepared.get(session)
    if (prepared !== undefined) return prepared
    throw new MicroError('go.micro.broker', 503, 'the connection to NATS is being made', {
      reason: 'connect',
      retryAfter: 1,
    })
  }
}

function notStored(subject: string, cause: unknown): MicroError {
  const detail = `the NATS server did not store the message for ${subject}: ${wordsOf(cause)}`
  return new MicroError('go.micro.broker', 503, detail, { reason: 'connect', retryAfter: 1, cause })
}
