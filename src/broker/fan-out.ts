import type { SubscribeOptions } from './broker.js'
import { Channel } from './channel.js'
import type { CheckedBroker } from './checked-broker.js'
import type { Outlet } from './outlet.js'

/** Where an outlet is in. */
export interface Membership {
  /** From now on the outlet gets what comes. */
  open(): void
  /** Also before `open`. */
  leave(): void
}

/** Bytes: more in one write saves nothing. */
const together = 65_536

/**
 * Hands the messages of one broker to many outlets: those on one topic share a subscription, and each message is
 * encoded once for all. Members of a queue have a subscription each, for it is the broker that shares among them.
 */
export class FanOut {
  readonly #broker: CheckedBroker
  readonly #pack: number
  readonly #channels = new Map<string, Channel>()
  /** Channels with something to hand on. */
  #due: Channel[] = []

  /** `subscriberBuffer`: bytes that may wait for one outlet's reader. */
  constructor(broker: CheckedBroker, subscriberBuffer: number) {
    this.#broker = broker
    this.#pack = Math.min(together, subscriberBuffer / 4)
  }

  /** Resolves once every later message will come to `outlet`; rejects with MicroError. */
  async join(topic: string, outlet: Outlet, { queue = '' }: SubscribeOptions = {}): Promise<Membership> {
    const channel = queue === '' ? this.#shared(topic) : this.#channel(topic, queue)
    channel.awaited++
    try {
      await channel.ready
    } catch (error) {
      channel.awaited--
      this.#release(topic, channel)
      throw error
    }
    return new Member(channel, outlet, () => this.#release(topic, channel))
  }

  #shared(topic: string): Channel {
    const known = this.#channels.get(topic)
    if (known !== undefined) return known
    const channel = this.#channel(topic, '')
    this.#channels.set(topic, channel)
    return channel
  }

  #channel(topic: string, queue: string): Channel {
    const schedule = (due: Channel) => this.#schedule(due)
    return new Channel({ broker: this.#broker, topic, queue, pack: this.#pack, schedule })
  }

  #release(topic: string, channel: Channel): void {
    if (!channel.unused) return
    if (this.#channels.get(topic) === channel) this.#channels.delete(topic)
    channel.end()
  }

  /** What came in one turn of the event loop leaves at its end, together. */
  #schedule(channel: Channel): void {
    if (this.#due.push(channel) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const due = this.#due
    this.#due = []
    for (const channel of due) channel.flush()
  }
}

class Member implements Membership {
  readonly #channel: Channel
  readonly #outlet: Outlet
  readonly #release: () => void
  #state: 'awaited' | 'open' | 'left' = 'awaited'

  constructor(channel: Channel, outlet: Outlet, release: () => void) {
    this.#channel = channel
    this.#outlet = outlet
    this.#release = release
  }

  open(): void {
    if (this.#state !== 'awaited') return
    this.#state = 'open'
    this.#channel.awaited--
    this.#channel.add(this.#outlet)
  }

  leave(): void {
    const before = this.#state
    if (before === 'left') return
    this.#state = 'left'
    if (before === 'open') this.#channel.remove(this.#outlet)
    else this.#channel.awaited--
    this.#release()
  }
}
