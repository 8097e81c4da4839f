import type { Service } from '../registry.js'
import { AgentError } from './agent-error.js'
import type { AgentReader } from './agent-reader.js'
import type { Line } from './line.js'
import { unavailable } from './lookups.js'

/** Milliseconds. */
const timeout = 2000

/** The names of all services, as Consul told them last. */
export class NameList {
  readonly #reader: AgentReader
  readonly #line: Line
  #known: readonly string[] | undefined

  constructor(reader: AgentReader, line: Line) {
    this.#reader = reader
    this.#line = line
  }

  /** `others`: known from elsewhere, for when Consul does not answer. */
  async read(others: readonly string[]): Promise<readonly Service[]> {
    if (!this.#line.isDown) {
      try {
        return services(await this.#ask())
      } catch (error) {
        this.#line.suspect(error)
        if (this.#known === undefined && others.length === 0) throw unavailable('cannot list the services', error)
      }
    }
    return services([...new Set([...(this.#known ?? []), ...others])])
  }

  async #ask(): Promise<readonly string[]> {
    const { body } = await this.#reader.read('/v1/catalog/services', { timeout })
    if (typeof body !== 'object' || body === null) throw new AgentError('the answer is not a map of services')
    this.#line.answered()
    this.#known = Object.keys(body)
    return this.#known
  }
}

const nothing: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

function services(names: readonly string[]): readonly Service[] {
  return Object.freeze(
    names.map((name) =>
      Object.freeze({
        name,
        version: '',
        metadata: nothing,
        endpoints: Object.freeze([]),
        nodes: Object.freeze([]),
      }),
    ),
  )
}
