import type { Allowance } from './allowance.js'

export interface RefreshQueueOptions {
  refresh(name: string, signal: AbortSignal): Promise<void>
  onFailure(error: unknown): void
  /** Spent by what failed before it is tried again. */
  readonly allowance: Allowance
}

const mostAtOnce = 4

/** Names whose services are to be read again, each once, a few at a time. */
export class RefreshQueue {
  readonly #options: RefreshQueueOptions
  readonly #names = new Set<string>()
  #run: AbortController | undefined
  #busy = new Set<string>()

  constructor(options: RefreshQueueOptions) {
    this.#options = options
  }

  start(): void {
    this.#run ??= new AbortController()
    this.#serve(this.#run.signal)
  }

  /** Keeps what is left for the next start. */
  pause(): void {
    this.#run?.abort()
    this.#run = undefined
    this.#busy = new Set()
  }

  add(name: string): void {
    this.#names.add(name)
    if (this.#run !== undefined) this.#serve(this.#run.signal)
  }

  delete(name: string): void {
    this.#names.delete(name)
  }

  /** Never two at once for one name, so that answers come in order. */
  #serve(signal: AbortSignal): void {
    const busy = this.#busy
    for (const name of this.#names) {
      if (busy.size >= mostAtOnce) return
      if (busy.has(name)) continue
      this.#names.delete(name)
      busy.add(name)
      void this.#refresh(name, signal).then(() => {
        busy.delete(name)
        if (!signal.aborted) this.#serve(signal)
      })
    }
  }

  async #refresh(name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.refresh(name, signal)
    } catch (error) {
      this.#names.add(name)
      if (signal.aborted) return
      this.#options.onFailure(error)
      await this.#options.allowance.take(signal)
    }
  }
}
