import { wordsOf } from '../errors.js'
import type { SidecarEvent } from '../sidecar.js'
import type { Log } from '../telemetry/log.js'

/** Who listens for what happens to a sidecar. What a listener throws is logged, and hurts nobody else. */
export class SidecarEvents {
  readonly #log: Log
  readonly #listeners = new Map<SidecarEvent, Set<() => void>>()

  constructor(log: Log) {
    this.#log = log
  }

  on(event: SidecarEvent, listener: () => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  emit(event: SidecarEvent): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        const told: unknown = listener()
        if (told instanceof Promise) told.catch((error: unknown) => this.#failed(event, error))
      } catch (error) {
        this.#failed(event, error)
      }
    }
  }

  #failed(event: SidecarEvent, error: unknown): void {
    this.#log.error(`a listener for '${event}' failed: ${wordsOf(error)}`)
  }
}
