/** A link of the list; `expiresAt` on the clock of `performance.now()`. */
export interface IdleLink {
  expiresAt: number
  older: IdleLink | undefined
  newer: IdleLink | undefined
  dispose(): void
}

/** The idle connections of all nodes in the order they became idle: at most so many, and none beyond its time. */
export class IdleList {
  size = 0
  readonly #limit: number
  #oldest: IdleLink | undefined
  #newest: IdleLink | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  add(link: IdleLink): void {
    link.older = this.#newest
    if (this.#newest === undefined) this.#oldest = link
    else this.#newest.newer = link
    this.#newest = link
    this.size++
    if (this.size > this.#limit) this.#oldest?.dispose()
  }

  remove(link: IdleLink): void {
    if (link.older === undefined) this.#oldest = link.newer
    else link.older.newer = link.newer
    if (link.newer === undefined) this.#newest = link.older
    else link.newer.older = link.older
    link.older = undefined
    link.newer = undefined
    this.size--
  }

  /** Closes those whose time is over at `now`; with Infinity, all. */
  expire(now: number): void {
    for (let link = this.#oldest; link !== undefined; ) {
      const { newer } = link
      if (link.expiresAt <= now) link.dispose()
      link = newer
    }
  }
}
