import { MicroError } from '../../errors.js'
import type { Service } from '../registry.js'
import { reasonOf } from './agent-error.js'
import type { AgentReader, Answer } from './agent-reader.js'
import type { Allowance } from './allowance.js'
import { pathOf } from './followed.js'
import { Misses } from './misses.js'
import type { Timing } from './timing.js'

export interface LookupsOptions {
  readonly reader: AgentReader
  readonly timing: Timing
  readonly allowance: Allowance
  onFound(name: string, answer: Answer): readonly Service[]
  onFailure(error: unknown): void
}

const mostAtOnce = 64

/** First questions for a service: shared by all who ask meanwhile, and not repeated for a moment when in vain. */
export class Lookups {
  readonly #options: LookupsOptions
  readonly #running = new Map<string, Promise<readonly Service[]>>()
  readonly #misses = new Misses()

  constructor(options: LookupsOptions) {
    this.#options = options
  }

  find(name: string): Promise<readonly Service[]> {
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const miss = this.#misses.find(name)
    if (miss?.error !== undefined) return Promise.reject(miss.error)
    if (miss !== undefined) return Promise.resolve(Object.freeze([]))
    if (this.#running.size >= mostAtOnce) return Promise.reject(tooMany(name))
    const lookup = this.#ask(name).finally(() => this.#running.delete(name))
    this.#running.set(name, lookup)
    return lookup
  }

  /** It may be there now. */
  forget(name: string): void {
    this.#misses.delete(name)
  }

  clear(): void {
    this.#misses.clear()
  }

  async #ask(name: string): Promise<readonly Service[]> {
    const { reader, timing, allowance, onFound, onFailure } = this.#options
    try {
      const services = onFound(name, await reader.read(pathOf(name), { timeout: timing.lookup }))
      if (services.length === 0) this.#misses.add(name, allowance.isShort ? 2 * timing.miss : timing.miss)
      return services
    } catch (cause) {
      onFailure(cause)
      const error = unavailable(`cannot look up ${name}`, cause)
      this.#misses.add(name, 2 * timing.miss, error)
      throw error
    }
  }
}

export function unavailable(what: string, cause: unknown): MicroError {
  const detail = `${what}: Consul: ${reasonOf(cause)}`
  return new MicroError('go.micro.registry', 503, detail, { reason: 'connect', cause, retryAfter: 1 })
}

function tooMany(name: string): MicroError {
  const detail = `cannot look up ${name}: ${mostAtOnce} look-ups are under way`
  return new MicroError('go.micro.registry', 503, detail, { reason: 'overload', retryAfter: 1 })
}
