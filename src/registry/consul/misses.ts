interface Miss {
  readonly until: number
  readonly error: unknown
}

const most = 1000

/** Names that were asked for in vain a moment ago, and why. */
export class Misses {
  readonly #misses = new Map<string, Miss>()

  add(name: string, milliseconds: number, error?: unknown): void {
    this.#misses.delete(name)
    this.#misses.set(name, { until: performance.now() + milliseconds, error })
    if (this.#misses.size <= most) return
    for (const oldest of this.#misses.keys()) {
      this.#misses.delete(oldest)
      return
    }
  }

  find(name: string): Miss | undefined {
    const miss = this.#misses.get(name)
    if (miss === undefined || performance.now() < miss.until) return miss
    this.#misses.delete(name)
    return undefined
  }

  delete(name: string): void {
    this.#misses.delete(name)
  }

  clear(): void {
    this.#misses.clear()
  }
}
