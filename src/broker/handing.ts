import { MicroError } from '../errors.js'
import type { Listener, Message } from './broker.js'
import type { Drops } from './drops.js'

/** Bytes, beside its body, that a message costs while it waits. */
const overhead = 1024

/**
 * Hands one subscription's messages to its listener. A listener that gives promises and does not settle them may have
 * `limit` bytes waiting; what comes beyond is dropped as `slow`. Never throws: what comes from a socket must not.
 */
export class Handing {
  readonly topic: string
  readonly #listener: Listener
  readonly #drops: Drops
  readonly #limit: number
  #waiting = 0
  #ended = false

  constructor(topic: string, listener: Listener, drops: Drops, limit: number) {
    this.topic = topic
    this.#listener = listener
    this.#drops = drops
    this.#limit = limit
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Nothing is handed over any more. */
  end(): void {
    this.#ended = true
  }

  /** Tells whether the listener took it, as far as that is known at once. */
  hand(message: Message): boolean {
    if (this.#ended) return false
    const size = message.body.length + overhead
    if (this.#waiting > 0 && this.#waiting + size > this.#limit) return this.drop('slow')
    try {
      const taken: unknown = this.#listener(message)
      if (taken instanceof Promise) this.#await(taken, size)
      return true
    } catch {
      return this.drop('listener')
    }
  }

  drop(reason: string): false {
    this.#drops.tell(this.topic, reason)
    return false
  }

  #await(taken: Promise<unknown>, size: number): void {
    this.#waiting += size
    taken.then(
      () => {
        this.#waiting -= size
      },
      () => {
        this.#waiting -= size
        this.drop('listener')
      },
    )
  }
}

/** For a broker that is not to be used any more. */
export function closedError(): MicroError {
  return new MicroError('go.micro.broker', 503, 'the broker is closed', { reason: 'draining' })
}
