import type { JsMsg } from '@nats-io/jetstream'

/** Milliseconds until the server tries a refused message again: the first time, and at most. */
const again = { first: 100, most: 30_000 }

interface Held {
  readonly message: JsMsg
  index: number
}

/** Messages that a listener has and has not settled: the server is told that they are being worked on. */
export class InFlight {
  readonly #most: number
  readonly #interval: number
  readonly #held: Held[] = []
  #timer: NodeJS.Timeout | undefined
  #room: (() => void) | undefined

  /** `interval`: milliseconds between two words to the server. */
  constructor(most: number, interval: number) {
    this.#most = most
    this.#interval = interval
  }

  /** Resolves when there is room for another; only one may wait. */
  room(): Promise<void> {
    if (this.#held.length < this.#most) return Promise.resolve()
    return new Promise((resolve) => {
      this.#room = resolve
    })
  }

  /** Acknowledged once `taken` resolves; given back, for later, when it rejects. */
  add(message: JsMsg, taken: Promise<unknown>): void {
    const held = { message, index: this.#held.length }
    this.#held.push(held)
    this.#timer ??= setInterval(() => this.#tell(), this.#interval)
    taken.then(
      () => {
        this.#remove(held)
        message.ack()
      },
      () => {
        this.#remove(held)
        refuse(message)
      },
    )
  }

  #tell(): void {
    for (const { message } of this.#held) message.working()
  }

  #remove(held: Held): void {
    const last = this.#held.pop()
    if (last !== undefined && last !== held) {
      last.index = held.index
      this.#held[held.index] = last
    }
    if (this.#held.length === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    this.#room?.()
    this.#room = undefined
  }
}

/** Not taken: again later, and later each time, by whoever the server chooses. */
export function refuse(message: JsMsg): void {
  const times = Math.min(deliveries(message) - 1, 20)
  message.nak(Math.round(Math.min(again.first * 2 ** times, again.most) * (0.75 + Math.random() / 4)))
}

/** The library reads it when it is asked, and throws at what a server would not say. */
function deliveries(message: JsMsg): number {
  try {
    return message.info.deliveryCount
  } catch {
    return 1
  }
}
