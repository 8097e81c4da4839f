import type { Expiring } from '../deadlines.js'
import { isUnreachable } from './agent-error.js'
import type { AgentReader, Answer } from './agent-reader.js'
import type { Allowance } from './allowance.js'
import { BlockingQuery } from './blocking-query.js'
import { type Instance, readInstances } from './instances.js'
import type { Doubt, Listing } from './listing.js'
import type { Timing } from './timing.js'

export interface FollowedOptions {
  readonly reader: AgentReader
  readonly timing: Timing
  readonly allowance: Allowance
  onFound(followed: Followed, found: readonly Instance[], doubt: Doubt): void
  onFailure(followed: Followed, error: unknown): void
}

/** A service whose changes are wanted: by a question of its own, or else by the overview's hints. */
export class Followed implements Expiring {
  readonly listing: Listing
  deadline = 0
  position = -1
  /** Somebody asked for it of late. */
  isAsked = false
  /** What is found first is told to nobody: it was there before they came. */
  isSilent = true
  readonly #options: FollowedOptions
  readonly #query: BlockingQuery
  #doubt: Doubt = 'none'
  #isDirect = false

  constructor(listing: Listing, options: FollowedOptions) {
    this.listing = listing
    this.#options = options
    this.#query = new BlockingQuery({
      allowance: options.allowance,
      patience: options.timing.wait / 2,
      spacing: () => options.timing.spacing,
      read: (index, signal) => this.#read(index, signal),
      onAnswer: (answer, lost) => this.take(answer, lost),
      onFailure: (error) => {
        // Whoever answers next may be an agent that started since.
        if (isUnreachable(error)) this.#doubt = 'lost'
        options.onFailure(this, error)
      },
    })
  }

  get name(): string {
    return this.listing.name
  }

  get isDirect(): boolean {
    return this.#isDirect
  }

  /** Asks for itself from now on. */
  direct(index = 0): void {
    this.#isDirect = true
    this.#query.start({ index })
  }

  indirect(): void {
    this.#isDirect = false
    this.#query.stop()
  }

  pause(): void {
    this.#query.stop()
  }

  /** After an outage: asks anew; what Consul then says is doubted. */
  resume(doubt: Doubt, delay: number | undefined): void {
    this.#doubt = doubt
    if (!this.#isDirect) return
    this.#query.stop()
    this.#query.start({ delay })
  }

  /** One look, for those that do not ask for themselves. */
  async look(signal: AbortSignal): Promise<void> {
    this.take(await this.#read(0, signal), false)
  }

  /** True when it is news. */
  take({ body }: Answer, lost: boolean): boolean {
    const found = readInstances(body)
    const isNews = this.listing.isNews(found)
    const doubt = lost ? 'lost' : this.#doubt
    this.#doubt = 'none'
    this.#options.onFound(this, found, doubt)
    return isNews
  }

  close(): void {
    this.#query.stop()
    this.listing.close()
  }

  #read(index: number, signal: AbortSignal): Promise<Answer> {
    const { reader, timing } = this.#options
    if (index === 0) return reader.read(pathOf(this.name), { timeout: timing.slack, signal })
    const query = { index: String(index), wait: `${timing.wait}ms` }
    return reader.read(pathOf(this.name), { query, timeout: (timing.wait * 17) / 16 + timing.slack, signal })
  }
}

export function pathOf(name: string): string {
  return `/v1/health/service/${encodeURIComponent(name)}`
}
