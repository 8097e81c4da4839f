import { AgentError } from './agent-error.js'
import type { AgentReader, Answer } from './agent-reader.js'
import type { Allowance } from './allowance.js'
import { BlockingQuery } from './blocking-query.js'
import type { Timing } from './timing.js'

export interface OverviewOptions {
  readonly reader: AgentReader
  readonly timing: Timing
  readonly allowance: Allowance
  /** These came, went or changed; `isFirst`: they are all that there are. */
  onChange(names: readonly string[], isFirst: boolean): void
  onAnswer(): void
  onFailure(error: unknown): void
}

/** Milliseconds between two overviews, and the characters for which it is one more: a long one costs all involved. */
const shortest = 100
const perMillisecond = 3000
const mostServices = 20_000
/** Named again with each change, in turn: a node that takes another's place leaves all counts as they were. */
const mostInTurn = 2

/** One question about all services at once, for as long as somebody wants to know of all. */
export class Overview {
  readonly #options: OverviewOptions
  readonly #query: BlockingQuery
  /** What an agent that does not show the page's own summary gives: names and tags. */
  #path = summaries
  #prints: ReadonlyMap<string, string> | undefined
  readonly #expected = new Set<string>()
  #turn = 0

  constructor(options: OverviewOptions) {
    this.#options = options
    const { allowance, timing } = options
    this.#query = new BlockingQuery({
      allowance,
      patience: timing.wait / 2,
      spacing: ({ size }) => Math.min(shortest + size / perMillisecond, timing.overview),
      read: (index, signal) => this.#read(index, signal),
      onAnswer: ({ body }) => this.#compare(body),
      onFailure: (error) => this.#fail(error),
    })
  }

  get running(): boolean {
    return this.#query.running
  }

  /** Whether all is known: what is new then, came since. */
  get isSettled(): boolean {
    return this.#prints !== undefined
  }

  has(name: string): boolean {
    return this.#prints?.has(name) ?? false
  }

  /** Names it with the next answer, even if the counts do not show what changed. */
  expect(name: string): void {
    if (this.running) this.#expected.add(name)
  }

  start(): void {
    this.#query.start()
  }

  /** Knows on start what it knew. */
  pause(): void {
    this.#query.stop()
  }

  stop(): void {
    this.#query.stop()
    this.#prints = undefined
    this.#expected.clear()
  }

  #read(index: number, signal: AbortSignal): Promise<Answer> {
    const { reader, timing } = this.#options
    if (index === 0) return reader.read(this.#path, { timeout: timing.slack, signal })
    const query = { index: String(index), wait: `${timing.wait}ms` }
    return reader.read(this.#path, { query, timeout: (timing.wait * 17) / 16 + timing.slack, signal })
  }

  #fail(error: unknown): void {
    const isRefused = error instanceof AgentError && [400, 403, 404, 405].includes(error.status ?? 0)
    if (isRefused && this.#path === summaries) this.#path = catalog
    this.#options.onFailure(error)
  }

  #compare(body: unknown): boolean {
    const before = this.#prints ?? new Map<string, string>()
    const isFirst = this.#prints === undefined
    const prints = this.#path === summaries ? summaryPrints(body) : catalogPrints(body)
    const changed = [...prints].filter(([name, print]) => before.get(name) !== print).map(([name]) => name)
    for (const name of before.keys()) if (!prints.has(name)) changed.push(name)
    this.#prints = prints
    this.#options.onAnswer()
    const names = [...changed, ...this.#expected, ...(isFirst ? [] : this.#nextInTurn())]
    this.#expected.clear()
    this.#options.onChange(names, isFirst)
    return changed.length > 0
  }

  #nextInTurn(): readonly string[] {
    const names = [...(this.#prints?.keys() ?? [])]
    if (this.#turn >= names.length) this.#turn = 0
    this.#turn += mostInTurn
    return names.slice(this.#turn - mostInTurn, this.#turn)
  }
}

/** What Consul's own page reads: how many nodes a service has, and how they are. */
const summaries = '/v1/internal/ui/services'
const catalog = '/v1/catalog/services'

function summaryPrints(body: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(body)) throw new AgentError('the answer is not a list of services')
  const prints = new Map<string, string>()
  for (const entry of body.slice(0, mostServices)) {
    if (!isRecord(entry) || typeof entry.Name !== 'string' || entry.PeerName) continue
    const { InstanceCount, ChecksPassing, ChecksWarning, ChecksCritical, Tags, Nodes } = entry
    prints.set(entry.Name, [InstanceCount, ChecksPassing, ChecksWarning, ChecksCritical, Tags, Nodes].join(' '))
  }
  return prints
}

function catalogPrints(body: unknown): ReadonlyMap<string, string> {
  if (!isRecord(body)) throw new AgentError('the answer is not a map of services')
  return new Map(
    Object.entries(body)
      .slice(0, mostServices)
      .map(([name, tags]) => [name, String(tags)]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
