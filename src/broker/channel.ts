import type { Message, Unsubscribe } from './broker.js'
import type { CheckedBroker } from './checked-broker.js'
import { Encoded, type Form } from './encoded.js'
import type { Outlet } from './outlet.js'
import { type Packing, packed } from './packing.js'
import type { TopicCounts } from './tally.js'

export interface ChannelOptions {
  readonly broker: CheckedBroker
  readonly topic: string
  /** Empty: none. A queue's channel has one outlet. */
  readonly queue: string
  /** Bytes up to which messages are put together. */
  readonly pack: number
  /** Has `flush` called at the end of this turn of the event loop. */
  schedule(channel: Channel): void
}

interface Entry {
  readonly outlet: Outlet
  readonly counts: TopicCounts
}

/** One subscription at the broker and the outlets that it feeds. */
export class Channel {
  /** Settles with the subscription. */
  readonly ready: Promise<unknown>
  /** Outlets that have asked to be in and are not yet. */
  awaited = 0
  readonly #options: ChannelOptions
  readonly #subscription: Promise<Unsubscribe>
  #entries: readonly Entry[] = []
  #batch: Encoded[] = []
  /** Of the batch, more or less. */
  #batchBytes = 0

  constructor(options: ChannelOptions) {
    const { broker, topic, queue } = options
    this.#options = options
    this.#subscription = broker.join(topic, (message) => this.#take(message), { queue })
    this.ready = this.#subscription
  }

  get unused(): boolean {
    return this.awaited === 0 && this.#entries.length === 0
  }

  /** What has come before is not for this one, unless there was nobody yet: a queue's message must not be lost. */
  add(outlet: Outlet): void {
    if (this.#entries.length > 0) this.flush()
    const { broker, topic } = this.#options
    this.#entries = [...this.#entries, { outlet, counts: broker.tally.came(topic) }]
    this.flush()
  }

  remove(outlet: Outlet): void {
    // This one may turn out to be too slow, and so leave by itself.
    this.flush()
    const entry = this.#entries.find((one) => one.outlet === outlet)
    if (entry === undefined) return
    this.#entries = this.#entries.filter((one) => one !== entry)
    this.#options.broker.brakes.release(outlet)
    this.#options.broker.tally.left(entry.counts)
  }

  end(): void {
    this.#drop(this.#batch.length, 'gone')
    this.#batch = []
    this.#subscription.then((unsubscribe) => unsubscribe()).catch(ignore)
  }

  flush(): void {
    const batch = this.#batch
    if (batch.length === 0 || (this.#entries.length === 0 && this.awaited > 0)) return
    this.#batch = []
    this.#batchBytes = 0
    const byForm = new Map<Form, readonly Packing[]>()
    for (const entry of this.#entries) {
      const { form } = entry.outlet
      const packings = byForm.get(form) ?? packed(batch, form, form === 'packet' ? 0 : this.#options.pack)
      byForm.set(form, packings)
      this.#hand(entry, packings)
    }
  }

  #take(message: Message): void {
    const { topic, queue } = this.#options
    const encoded = new Encoded(topic, message)
    if (queue !== '') this.#checkRoom(encoded)
    this.#batchBytes += message.body.length * 1.4
    if (this.#batch.push(encoded) === 1) this.#options.schedule(this)
    // Who falls behind is to be noticed before the next message comes.
    if (this.#batchBytes > this.#options.pack) this.flush()
  }

  /** Throws what the subscriber cannot take back to the broker: another member of the queue may have it. */
  #checkRoom(encoded: Encoded): void {
    const [entry] = this.#entries
    if (entry === undefined) return
    const bytes = encoded.in(entry.outlet.form).length
    if (!entry.outlet.takes(this.#batchBytes + bytes)) throw new Error('the subscriber does not read')
  }

  #hand({ outlet, counts }: Entry, packings: readonly Packing[]): void {
    for (const { bytes, count } of packings) {
      const outcome = outlet.write(bytes)
      if (outcome === 'written') counts.delivered += count
      else this.#drop(count, outcome)
    }
    if (outlet.waiting > outlet.limit / 2) this.#options.broker.brakes.put(this.#options.topic, outlet)
  }

  /** What one who left did not get is nobody's loss, but for a queue's, which was meant for this one alone. */
  #drop(count: number, reason: 'slow' | 'gone'): void {
    const { broker, queue } = this.#options
    if (count > 0 && (reason === 'slow' || queue !== '')) broker.tally.dropped(reason, count)
  }
}

function ignore(): void {}
