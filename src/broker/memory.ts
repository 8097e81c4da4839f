import { MicroError } from '../errors.js'
import type { Broker, BrokerStatus, Drop, Listener, Message, SubscribeOptions, Unsubscribe } from './broker.js'
import { Drops } from './drops.js'

/** A broker that lives and dies with this process: accepted is handed to all who subscribe now. */
export function memoryBroker(): Broker {
  return new MemoryBroker()
}

interface Member {
  readonly listener: Listener
  ended: boolean
}

/** Lists are replaced and not changed, so that a delivery goes on over the one that it began with. */
interface Topic {
  everyone: readonly Member[]
  readonly queues: Map<string, Queue>
}

interface Queue {
  members: readonly Member[]
  turn: number
}

class MemoryBroker implements Broker {
  readonly name = 'memory'
  readonly #topics = new Map<string, Topic>()
  readonly #drops = new Drops()
  /** Topic, message, topic, message …: what a listener publishes waits until all have what is being delivered. */
  readonly #waiting: (string | Message)[] = []
  #delivering = false
  #closed = false

  async publish(topic: string, message: Message): Promise<void> {
    if (this.#closed) throw closed()
    this.#waiting.push(topic, message)
    if (!this.#delivering) this.#deliverAll()
  }

  async subscribe(topic: string, listener: Listener, { queue = '' }: SubscribeOptions = {}): Promise<Unsubscribe> {
    if (this.#closed) throw closed()
    const member = { listener, ended: false }
    this.#join(topic, queue, member)
    return async () => {
      if (member.ended) return
      member.ended = true
      this.#leave(topic, queue, member)
    }
  }

  status(): BrokerStatus {
    return { state: this.#closed ? 'down' : 'ok', guarantee: 'at-most-once' }
  }

  watchDrops(listener: (drop: Drop) => void): () => void {
    return this.#drops.watch(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#topics.clear()
    this.#waiting.length = 0
  }

  #join(name: string, queue: string, member: Member): void {
    const topic = this.#topics.get(name) ?? { everyone: [], queues: new Map<string, Queue>() }
    this.#topics.set(name, topic)
    if (queue === '') {
      topic.everyone = [...topic.everyone, member]
      return
    }
    const shared = topic.queues.get(queue) ?? { members: [], turn: 0 }
    shared.members = [...shared.members, member]
    topic.queues.set(queue, shared)
  }

  #leave(name: string, queue: string, member: Member): void {
    const topic = this.#topics.get(name)
    if (topic === undefined) return
    topic.everyone = topic.everyone.filter((one) => one !== member)
    const shared = topic.queues.get(queue)
    if (shared !== undefined) shared.members = shared.members.filter((one) => one !== member)
    if (shared?.members.length === 0) topic.queues.delete(queue)
    if (topic.everyone.length === 0 && topic.queues.size === 0) this.#topics.delete(name)
  }

  #deliverAll(): void {
    this.#delivering = true
    for (let i = 0; i < this.#waiting.length; i += 2) {
      const topic = this.#waiting[i]
      const message = this.#waiting[i + 1]
      if (typeof topic === 'string' && typeof message === 'object') this.#deliver(topic, message)
    }
    this.#waiting.length = 0
    this.#delivering = false
  }

  #deliver(name: string, message: Message): void {
    const topic = this.#topics.get(name)
    if (topic === undefined) return
    for (const member of topic.everyone) {
      if (!member.ended && !this.#hand(name, member, message)) this.#drops.tell(name, 'listener')
    }
    if (topic.queues.size === 0) return
    for (const queue of [...topic.queues.values()]) this.#share(name, queue, message)
  }

  /** To the next in turn; who throws is passed over. */
  #share(name: string, queue: Queue, message: Message): void {
    const { members } = queue
    for (let tried = 0; tried < members.length; tried++) {
      const member = members[queue.turn++ % members.length]
      if (member !== undefined && !member.ended && this.#hand(name, member, message)) return
    }
    this.#drops.tell(name, 'listener')
  }

  /** One subscriber's fault must reach neither the others nor the publisher. */
  #hand(name: string, member: Member, message: Message): boolean {
    try {
      const taken: unknown = member.listener(message)
      if (taken instanceof Promise) taken.catch(() => this.#drops.tell(name, 'listener'))
      return true
    } catch {
      return false
    }
  }
}

function closed(): MicroError {
  return new MicroError('go.micro.broker', 503, 'the broker is closed', { reason: 'draining' })
}
