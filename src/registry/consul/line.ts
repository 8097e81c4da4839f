import { isUnreachable, reasonOf } from './agent-error.js'
import type { AgentReader, Answer } from './agent-reader.js'
import { pause, wentBack } from './blocking-query.js'
import { readServers } from './instances.js'
import type { Timing } from './timing.js'

export type LineState = 'new' | 'up' | 'down'

export interface LineEvents {
  /** `lost`: Consul may have forgotten what it knew. `before`: what the line was; `up` when another Consul answers. */
  onUp(lost: boolean, before: LineState): void
  onDown(reason: string): void
  /** Something went wrong elsewhere; either of the others follows, or `onCalm`. */
  onDoubt(): void
  onCalm(): void
}

/**
 * Whether the agent answers. While it does, one question stays open that a dying agent breaks; while it does not, one
 * probe a second asks for all.
 */
export class Line {
  readonly #reader: AgentReader
  readonly #events: LineEvents
  readonly #timing: Timing
  readonly #closing = new AbortController()
  #check = new AbortController()
  #state: LineState = 'new'
  #answeredAt: number | undefined
  #servers: ReadonlySet<string> = new Set()
  #started = false
  #isSuspected = false
  readonly #made = performance.now()

  constructor(reader: AgentReader, timing: Timing, events: LineEvents) {
    this.#reader = reader
    this.#timing = timing
    this.#events = events
  }

  get isDown(): boolean {
    return this.#state === 'down'
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  get hasAnswered(): boolean {
    return this.#answeredAt !== undefined
  }

  /** Milliseconds since the agent's last answer. */
  get age(): number {
    return performance.now() - (this.#answeredAt ?? this.#made)
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    void this.#watch()
  }

  /** The agent said something of use. */
  answered(): void {
    this.#answeredAt = performance.now()
  }

  /** Something went wrong elsewhere. When the agent gave no answer, look at once whether it still does. */
  suspect(error: unknown): void {
    if (!isUnreachable(error) || this.#state !== 'up') return
    if (!this.#isSuspected) this.#events.onDoubt()
    this.#isSuspected = true
    this.#check.abort()
  }

  close(): void {
    this.#closing.abort()
    this.#check.abort()
  }

  async #watch(): Promise<void> {
    let index = 0
    let begun = Number.NEGATIVE_INFINITY
    let isEarly = false
    while (!this.#closing.signal.aborted) {
      if (index === 0 || isEarly) await this.#untilDue(begun)
      begun = performance.now()
      const next = await this.#ask(index)
      isEarly = index > 0 && performance.now() - begun < this.#timing.pulse / 2
      index = next
    }
  }

  /** A second after the last question, give or take; while all is well, as long as a question stays open. */
  async #untilDue(begun: number): Promise<void> {
    const { probe, pulse } = this.#timing
    const soon = begun + probe * (0.9 + Math.random() / 5)
    let isUrgent = this.#state !== 'up'
    for (;;) {
      if (this.#check.signal.aborted) {
        this.#check = new AbortController()
        isUrgent = true
      }
      const left = (isUrgent ? soon : begun + pulse) - performance.now()
      if (left <= 0 || this.#closing.signal.aborted) return
      await pause(left, this.#check.signal)
    }
  }

  async #ask(index: number): Promise<number> {
    const { signal } = this.#check
    try {
      const answer = await this.#read(index, signal)
      const lost = wentBack(answer, index)
      this.#answer(answer, lost)
      return lost ? 0 : answer.index
    } catch (error) {
      if (!signal.aborted) this.#fail(reasonOf(error))
      return 0
    }
  }

  #read(index: number, signal: AbortSignal): Promise<Answer> {
    const { pulse, probe } = this.#timing
    const query: Record<string, string> = index === 0 ? {} : { index: String(index), wait: `${pulse}ms` }
    const timeout = index === 0 ? probe : (pulse * 17) / 16 + probe
    return this.#reader.read('/v1/health/service/consul', { query, timeout, signal })
  }

  #answer(answer: Answer, lost: boolean): void {
    const servers = readServers(answer.body)
    const before = this.#servers
    const same = [...servers].some((server) => before.has(server))
    const replaced = before.size > 0 && servers.size > 0 && !same
    this.#servers = servers
    this.answered()
    const state = this.#state
    const wasSuspected = this.#isSuspected
    this.#isSuspected = false
    if (state === 'up' && !replaced && !lost) {
      if (wasSuspected) this.#events.onCalm()
      return
    }
    this.#state = 'up'
    this.#events.onUp(lost || (state !== 'new' && !same), state)
  }

  #fail(reason: string): void {
    if (this.#closing.signal.aborted || this.#state === 'down') return
    this.#state = 'down'
    this.#isSuspected = false
    this.#events.onDown(reason)
  }
}
