import type { Outlet } from './outlet.js'

/** Milliseconds in which a subscriber catches up, or comes nearer to it by a part of its limit. */
const patience = 250
const step = 1 / 4
/** Milliseconds that a publisher waits, whatever becomes of the subscribers; looked at once in `patience`. */
const longestWait = 1000

interface Waiter {
  readonly since: number
  readonly go: () => void
}

/** What holds up the publishers of a topic. */
interface Brake {
  /** With what waited for their readers when that was last looked at. */
  readonly outlets: Map<Outlet, number>
  /** The first came first. */
  readonly waiters: Waiter[]
  timer: NodeJS.Timeout | undefined
}

/**
 * Holds up publishing to a topic while one of its subscribers is behind, so that a burst costs nobody a subscription.
 * One that does not read is not waited for any more, until it has caught up: it hurts only itself.
 */
export class Brakes {
  readonly #brakes = new Map<string, Brake>()
  readonly #givenUp = new Set<Outlet>()

  /** Whether a publisher to the topic should wait. */
  hold(topic: string): boolean {
    return this.#brakes.size > 0 && this.#brakes.has(topic)
  }

  released(topic: string): Promise<void> {
    const brake = this.#brakes.get(topic)
    if (brake === undefined) return Promise.resolve()
    return new Promise((go) => brake.waiters.push({ since: performance.now(), go }))
  }

  /** This one is behind. */
  put(topic: string, outlet: Outlet): void {
    if (this.#givenUp.has(outlet)) return
    const brake = this.#brakes.get(topic) ?? { outlets: new Map(), waiters: [], timer: undefined }
    this.#brakes.set(topic, brake)
    brake.outlets.set(outlet, outlet.waiting)
    brake.timer ??= setTimeout(() => this.#review(topic, brake), patience)
  }

  /** It has caught up, or left. */
  release(outlet: Outlet): void {
    this.#givenUp.delete(outlet)
    for (const [topic, brake] of this.#brakes) {
      if (brake.outlets.delete(outlet) && brake.outlets.size === 0) this.#lift(topic, brake)
    }
  }

  #review(topic: string, brake: Brake): void {
    const { outlets, waiters } = brake
    brake.timer = undefined
    for (const [outlet, before] of outlets) {
      if (outlet.waiting <= before - outlet.limit * step) outlets.set(outlet, outlet.waiting)
      else {
        outlets.delete(outlet)
        this.#givenUp.add(outlet)
      }
    }
    while (isLate(waiters[0])) waiters.shift()?.go()
    if (outlets.size === 0) this.#lift(topic, brake)
    else brake.timer = setTimeout(() => this.#review(topic, brake), patience)
  }

  #lift(topic: string, brake: Brake): void {
    clearTimeout(brake.timer)
    brake.timer = undefined
    this.#letGo(topic, brake)
  }

  /** One after the other, each with the time to publish: it may be the one that is too much again. */
  #letGo(topic: string, brake: Brake): void {
    if (brake.outlets.size > 0) return
    brake.waiters.shift()?.go()
    if (brake.waiters.length > 0) setImmediate(() => this.#letGo(topic, brake))
    else this.#brakes.delete(topic)
  }
}

function isLate(waiter: Waiter | undefined): boolean {
  return waiter !== undefined && performance.now() - waiter.since >= longestWait
}
