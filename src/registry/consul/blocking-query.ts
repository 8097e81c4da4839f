import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './agent-reader.js'
import type { Allowance } from './allowance.js'

export interface BlockingQueryOptions {
  /** Asks for what is newer than `index`; 0: for what is there now. */
  read(index: number, signal: AbortSignal): Promise<Answer>
  /** Takes an answer; `lost`: its index went back, so that Consul has forgotten something. True when it is news. */
  onAnswer(answer: Answer, lost: boolean): boolean
  onFailure(error: unknown): void
  /** Spent by what follows an answer that brought nothing. */
  readonly allowance: Allowance
  /** Milliseconds that a question without news stays open, at the least. */
  readonly patience: number
  /** Milliseconds between two questions, at the least, after such an answer. */
  spacing(answer: Answer): number
}

/** Follows one list of Consul's: one question at a time, so that answers come in order. */
export class BlockingQuery {
  readonly #options: BlockingQueryOptions
  #run: AbortController | undefined

  constructor(options: BlockingQueryOptions) {
    this.#options = options
  }

  get running(): boolean {
    return this.#run !== undefined
  }

  /** `index`: of what is known already. `delay`: milliseconds; `undefined`: when the allowance has it. */
  start({ index = 0, delay = 0 }: { index?: number; delay?: number | undefined } = {}): void {
    if (this.#run !== undefined) return
    this.#run = new AbortController()
    void this.#follow(this.#run.signal, index, delay)
  }

  stop(): void {
    this.#run?.abort()
    this.#run = undefined
  }

  async #follow(signal: AbortSignal, index: number, delay: number | undefined): Promise<void> {
    if (delay === undefined) await this.#options.allowance.take(signal)
    else await pause(delay, signal)
    while (!signal.aborted) index = await this.#ask(signal, index)
  }

  async #ask(signal: AbortSignal, index: number): Promise<number> {
    const { read, onAnswer, onFailure, allowance, patience, spacing } = this.#options
    const begun = performance.now()
    try {
      const answer = await read(index, signal)
      if (signal.aborted) return 0
      const lost = wentBack(answer, index)
      const isNews = onAnswer(answer, lost)
      const took = performance.now() - begun
      if (answer.index > index ? isNews : index > 0 && !lost && took >= patience) {
        await pause(spacing(answer) - took, signal)
        return answer.index
      }
      await allowance.take(signal)
      return lost ? 0 : answer.index
    } catch (error) {
      if (signal.aborted) return 0
      onFailure(error)
      await allowance.take(signal)
      return 0
    }
  }
}

/** Consul forgot something. No index at all says nothing of that. */
export function wentBack(answer: Answer, index: number): boolean {
  return answer.index > 0 && answer.index < index
}

/** Ends early, and well, with the signal. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return
  await wait(milliseconds, undefined, { signal, ref: false }).catch(ignore)
}

function ignore(): void {}
