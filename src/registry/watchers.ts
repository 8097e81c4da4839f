import type { RegistryEvent } from './registry.js'

type Listener = (event: RegistryEvent) => unknown

/** Those who watch a registry. Every listener hears the events in one order, even those that a listener causes. */
export class Watchers {
  readonly #listeners = new Set<{ readonly listener: Listener }>()
  readonly #queue: RegistryEvent[] = []
  #telling = false

  get size(): number {
    return this.#listeners.size
  }

  /** The same function may watch twice. Returns what stops it, at once and for good. */
  add(listener: Listener): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  tell(event: RegistryEvent): void {
    this.#queue.push(event)
    if (this.#telling) return
    this.#telling = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#tellAll(next)
    this.#telling = false
  }

  clear(): void {
    this.#listeners.clear()
    this.#queue.length = 0
  }

  #tellAll(event: RegistryEvent): void {
    for (const entry of [...this.#listeners]) {
      if (this.#listeners.has(entry)) callSafely(entry.listener, event)
    }
  }
}

/** One watcher's fault must reach neither the others nor whoever registers. */
function callSafely(listener: Listener, event: RegistryEvent): void {
  try {
    const result = listener(event)
    if (result instanceof Promise) result.catch(drop)
  } catch (error) {
    drop(error)
  }
}

function drop(_error: unknown): void {}
