import { Deadlines } from '../deadlines.js'
import type { Followed } from './followed.js'

export interface FollowingOptions {
  /** Milliseconds after which a service that nobody asks for is idle. */
  readonly idle: number
  onIdle(idle: readonly Followed[]): void
}

const most = 10_000
/** An agent allows 200 connections from one address, unless told otherwise; others want some too. */
const mostDirect = 100

/** The services that are followed, and how many of them ask for themselves. */
export class Following {
  /** In the order in which they were asked for last. */
  readonly #followed = new Map<string, Followed>()
  readonly #idle: Deadlines<Followed>
  readonly #options: FollowingOptions
  #mostDirect = mostDirect
  #direct = 0

  constructor(options: FollowingOptions) {
    this.#options = options
    this.#idle = new Deadlines(options.onIdle)
  }

  get names(): readonly string[] {
    return [...this.#followed.keys()]
  }

  get all(): Iterable<Followed> {
    return this.#followed.values()
  }

  /** There are some that do not ask for themselves. */
  get needsHints(): boolean {
    return this.#followed.size > this.#direct
  }

  get(name: string): Followed | undefined {
    return this.#followed.get(name)
  }

  has(followed: Followed): boolean {
    return this.#followed.get(followed.name) === followed
  }

  add(followed: Followed): void {
    if (this.#followed.size >= most) this.#dropOldest()
    this.#followed.set(followed.name, followed)
  }

  /** Somebody asks for it now. */
  ask(followed: Followed): Followed {
    followed.isAsked = true
    this.#followed.delete(followed.name)
    this.#followed.set(followed.name, followed)
    this.#idle.set(followed, this.#options.idle)
    return followed
  }

  /** Lets it ask for itself, if there is room. */
  askItself(followed: Followed, index: number): void {
    if (followed.isDirect || this.#direct >= this.#mostDirect) return
    this.#direct++
    followed.direct(index)
  }

  askNoMore(followed: Followed): void {
    if (!followed.isDirect) return
    this.#direct--
    followed.indirect()
  }

  /** The agent has no room for as many. */
  askLess(followed: Followed): void {
    this.#mostDirect = Math.max(this.#direct - 1, 1)
    this.askNoMore(followed)
  }

  drop(followed: Followed): void {
    this.askNoMore(followed)
    followed.close()
    this.#idle.delete(followed)
    this.#followed.delete(followed.name)
  }

  close(): void {
    for (const followed of this.#followed.values()) followed.close()
    this.#followed.clear()
    this.#idle.clear()
  }

  #dropOldest(): void {
    for (const oldest of this.#followed.values()) return this.drop(oldest)
  }
}
