import type { Drop } from './broker.js'

/** Those who want to know what a broker lost. */
export class Drops {
  #listeners: readonly ((drop: Drop) => void)[] = []

  watch(listener: (drop: Drop) => void): () => void {
    const entry = (drop: Drop) => listener(drop)
    this.#listeners = [...this.#listeners, entry]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== entry)
    }
  }

  tell(topic: string, reason: string): void {
    for (const listener of this.#listeners) {
      try {
        listener({ topic, reason })
      } catch {}
    }
  }
}
