import type { Message } from '../../broker/broker.js'
import type { CheckedBroker } from '../../broker/checked-broker.js'
import type { FanOut, Membership } from '../../broker/fan-out.js'
import type { Outlet } from '../../broker/outlet.js'
import { refusal } from './refusals.js'

/** Of one client. */
const most = 1000

/** What one client with several topics has subscribed to. It publishes here too, behind what it has asked for. */
export class Subscriptions {
  readonly #broker: CheckedBroker
  readonly #fanOut: FanOut
  readonly #outlet: Outlet
  /** By topic and queue. */
  readonly #memberships = new Map<string, Membership>()
  /** Subscriptions come and go in the order in which they are asked for. */
  #changes: Promise<void> = Promise.resolve()
  #state: 'waiting' | 'open' | 'left' = 'waiting'

  constructor(broker: CheckedBroker, fanOut: FanOut, outlet: Outlet) {
    this.#broker = broker
    this.#fanOut = fanOut
    this.#outlet = outlet
  }

  /** From now on the outlet gets what comes. */
  open(): void {
    if (this.#state === 'waiting') this.#state = 'open'
    for (const membership of this.#memberships.values()) membership.open()
  }

  leave(): void {
    this.#state = 'left'
    for (const membership of this.#memberships.values()) membership.leave()
    this.#memberships.clear()
  }

  /** Twice is once. Rejects with a MicroError. */
  subscribe(topic: string, queue: string): Promise<void> {
    return this.#change(() => this.#join(topic, queue))
  }

  unsubscribe(topic: string, queue: string): Promise<void> {
    return this.#change(async () => {
      const key = keyOf(topic, queue)
      const membership = this.#memberships.get(key)
      if (membership === undefined) throw refusal(404, 'there is no such subscription here')
      this.#memberships.delete(key)
      membership.leave()
    })
  }

  async publish(topic: string, message: Message): Promise<void> {
    await this.#changes
    return this.#broker.publish(topic, message)
  }

  #change(change: () => Promise<void>): Promise<void> {
    const changed = this.#changes.then(change)
    this.#changes = changed.catch(ignore)
    return changed
  }

  async #join(topic: string, queue: string): Promise<void> {
    const key = keyOf(topic, queue)
    if (this.#memberships.has(key)) return
    if (this.#memberships.size >= most) throw refusal(429, `a client has at most ${most} subscriptions`, 'overload')
    const membership = await this.#fanOut.join(topic, this.#outlet, { queue })
    if (this.#state === 'left') return membership.leave()
    this.#memberships.set(key, membership)
    if (this.#state === 'open') membership.open()
  }
}

function keyOf(topic: string, queue: string): string {
  return JSON.stringify([topic, queue])
}

function ignore(): void {}
