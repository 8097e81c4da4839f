import type { Service } from '../registry.js'

const mostNames = 10_000
/** Milliseconds for which a name that is not heard again is believed. */
const lifetime = 120_000

/** The names of services that were heard of, whether a node of theirs is known or not. */
export class ServiceNames {
  readonly #ends = new Map<string, number>()

  /** True when it is a new one. */
  add(name: string): boolean {
    const isKnown = this.#isAlive(this.#ends.get(name))
    this.#ends.delete(name)
    this.#ends.set(name, performance.now() + lifetime)
    const [oldest] = this.#ends.keys()
    if (this.#ends.size > mostNames && oldest !== undefined) this.#ends.delete(oldest)
    return !isKnown
  }

  delete(name: string): void {
    this.#ends.delete(name)
  }

  /** Services of which no more than the name is known. */
  except(known: ReadonlySet<string>): readonly Service[] {
    const names = [...this.#ends].filter(([name, end]) => this.#isAlive(end) && !known.has(name))
    return names.map(([name]) => ({ name, version: '', metadata: {}, endpoints: [], nodes: [] }))
  }

  #isAlive(end: number | undefined): boolean {
    return end !== undefined && end > performance.now()
  }
}
