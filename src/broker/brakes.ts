import type { Outlet } from './outlet.js'

/** Milliseconds in which a subscriber catches up, or comes nearer to it by a part of its limit. */
const patience = 250
const step = 1 / 4
/** Milliseconds that a publisher waits at most, whatever becomes of the subscribers meanwhile. */
const longestWait = 1000

/** What holds up the publishers of a topic. */
interface Brake {
  /** With what waited for their readers when that was last looked at. */
  readonly outlets: Map<Outlet, number>
  readonly released: Promise<void>
  readonly release: () => void
  timer: NodeJS.Timeout
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

  /** Those who wait go one after the other: each may be the one that is too much again. */
  async released(topic: string): Promise<void> {
    const end = performance.now() + longestWait
    for (let brake = this.#brakes.get(topic); brake !== undefined; brake = this.#brakes.get(topic)) {
      await brake.released
      if (performance.now() >= end) return
    }
  }

  /** This one is behind. */
  put(topic: string, outlet: Outlet): void {
    if (this.#givenUp.has(outlet)) return
    const brake = this.#brakes.get(topic) ?? this.#begin(topic)
    brake.outlets.set(outlet, outlet.waiting)
  }

  /** It has caught up, or left. */
  release(outlet: Outlet): void {
    this.#givenUp.delete(outlet)
    for (const [topic, brake] of this.#brakes) {
      if (brake.outlets.delete(outlet) && brake.outlets.size === 0) this.#lift(topic, brake)
    }
  }

  #begin(topic: string): Brake {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const timer = setTimeout(() => this.#review(topic, brake), patience)
    const brake: Brake = { outlets: new Map(), released, release, timer }
    this.#brakes.set(topic, brake)
    return brake
  }

  #review(topic: string, brake: Brake): void {
    const { outlets } = brake
    for (const [outlet, before] of outlets) {
      if (outlet.waiting <= before - outlet.limit * step) outlets.set(outlet, outlet.waiting)
      else {
        outlets.delete(outlet)
        this.#givenUp.add(outlet)
      }
    }
    if (outlets.size === 0) this.#lift(topic, brake)
    else brake.timer = setTimeout(() => this.#review(topic, brake), patience)
  }

  #lift(topic: string, brake: Brake): void {
    clearTimeout(brake.timer)
    this.#brakes.delete(topic)
    brake.release()
  }
}
