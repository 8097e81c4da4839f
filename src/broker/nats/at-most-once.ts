import type { Listener } from '../broker.js'
import type { Drops } from '../drops.js'
import { Handing } from '../handing.js'
import type { Attachable, Delivery } from './delivery.js'
import type { Session } from './session.js'
import { NatsSubscription } from './subscription.js'

/** NATS as it is: who is subscribed and connected gets it. */
export class AtMostOnce implements Delivery {
  readonly guarantee = 'at-most-once'
  readonly #drops: Drops
  readonly #buffer: number

  constructor(drops: Drops, buffer: number) {
    this.#drops = drops
    this.#buffer = buffer
  }

  async prepare(): Promise<void> {}

  publish({ acceptance, connection }: Session, subject: string, payload: Uint8Array): Promise<void> {
    return acceptance.publish(subject, payload.length, () => connection.publish(subject, payload))
  }

  subscription(topic: string, queue: string, listener: Listener): Attachable {
    return new NatsSubscription(new Handing(topic, listener, this.#drops, this.#buffer), queue)
  }
}
