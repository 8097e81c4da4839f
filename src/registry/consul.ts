import { MicroError } from '../errors.js'
import type { Log } from '../telemetry/log.js'
import { AgentError, isUnreachable, reasonOf } from './consul/agent-error.js'
import { AgentReader } from './consul/agent-reader.js'
import { AgentWriter } from './consul/agent-writer.js'
import { Allowance } from './consul/allowance.js'
import { Catalog } from './consul/catalog.js'
import { Line, type LineState } from './consul/line.js'
import { unavailable } from './consul/lookups.js'
import { NameList } from './consul/name-list.js'
import { OwnNodes } from './consul/own-nodes.js'
import { type Place, type PlaceOptions, placeOf } from './consul/place.js'
import { type Timing, usual } from './consul/timing.js'
import type { RegisterOptions, Registry, RegistryEvent, RegistryStatus, Service, WatchOptions } from './registry.js'
import { Watchers } from './watchers.js'

export interface ConsulOptions extends PlaceOptions {
  readonly log?: Pick<Log, 'info' | 'warn'>
}

/** Services in Consul, as go-micro keeps them there. Throws ConfigError for options that cannot be. */
export function consulRegistry(options: ConsulOptions = {}, timing: Partial<Timing> = {}): Registry {
  return new ConsulRegistry(placeOf(options), { ...usual, ...timing }, options.log)
}

/** Milliseconds after an outage in which the next is taken for trouble, not for an end of it. */
const settled = 10_000
/** Milliseconds between two lines about answers that refuse. */
const quiet = 60_000

class ConsulRegistry implements Registry {
  readonly name = 'consul'
  readonly #place: Place
  readonly #log: ConsulOptions['log']
  readonly #watchers = new Watchers()
  readonly #reader: AgentReader
  readonly #allowance: Allowance
  readonly #line: Line
  readonly #own: OwnNodes
  readonly #catalog: Catalog
  readonly #names: NameList
  #forAll = 0
  #upAt = Number.NEGATIVE_INFINITY
  #warnedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(place: Place, timing: Timing, log: ConsulOptions['log']) {
    this.#place = place
    this.#log = log
    const reader = new AgentReader(place)
    const allowance = new Allowance(timing.allowance)
    const onFailure = (error: unknown) => this.#onFailure(error)
    const line = new Line(reader, timing, {
      onUp: (...how) => this.#onUp(...how),
      onDown: (reason) => this.#onDown(reason),
      onDoubt: () => this.#own.doubt(),
      onCalm: () => this.#own.calm(),
    })
    const own = new OwnNodes({
      writer: new AgentWriter(place, reader),
      isDown: () => line.isDown,
      onFailure,
      onChange: (name) => this.#catalog.touch(name),
    })
    this.#reader = reader
    this.#allowance = allowance
    this.#line = line
    this.#own = own
    this.#names = new NameList(reader, line)
    this.#catalog = new Catalog({
      reader,
      line,
      timing,
      allowance,
      own,
      onFailure,
      tell: (event) => this.#watchers.tell(event),
    })
  }

  async register(service: Service, { ttl }: RegisterOptions = {}): Promise<void> {
    this.#check(service, ttl)
    this.#line.start()
    const work = service.nodes.map((node) => this.#own.register(service, node, ttl))
    await this.#all(work, `cannot register ${service.name} now`)
    this.#catalog.touch(service.name)
  }

  async deregister(service: Service): Promise<void> {
    this.#needOpen()
    this.#line.start()
    for (const { id } of service.nodes) this.#catalog.forget(service.name, id)
    const work = service.nodes.map(({ id }) => this.#own.deregister(service.name, id))
    await this.#all(work, `cannot deregister nodes of ${service.name}`)
    this.#catalog.touch(service.name)
  }

  async getService(name: string): Promise<readonly Service[]> {
    this.#needOpen()
    this.#line.start()
    return name === '' ? [] : this.#catalog.find(name)
  }

  async listServices(): Promise<readonly Service[]> {
    this.#needOpen()
    this.#line.start()
    return this.#names.read(this.#catalog.names)
  }

  watch(listener: (event: RegistryEvent) => void, { asked = false }: WatchOptions = {}): () => void {
    if (this.#closed) return () => undefined
    this.#line.start()
    const stop = this.#watchers.add(listener)
    if (asked) return stop
    this.#catalog.followAll(++this.#forAll > 0)
    let isWatching = true
    return () => {
      stop()
      if (isWatching && !this.#closed) this.#catalog.followAll(--this.#forAll > 0)
      isWatching = false
    }
  }

  status(): RegistryStatus {
    const { isUp, hasAnswered, age } = this.#line
    return { state: isUp ? 'ok' : hasAnswered ? 'stale' : 'down', age }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watchers.clear()
    this.#own.close()
    this.#catalog.close()
    this.#line.close()
    this.#allowance.close()
    this.#reader.close()
  }

  #check(service: Service, ttl: number | undefined): void {
    this.#needOpen()
    if (service.nodes.length === 0) throw refusal(`nodes of ${service.name} must hold at least one node`)
    if (ttl !== undefined && !(ttl > 0 && Number.isFinite(ttl))) throw refusal(`ttl must be above 0 ms, not ${ttl}`)
  }

  #needOpen(): void {
    if (this.#closed) throw new MicroError('go.micro.registry', 503, 'the registry is closed', { reason: 'draining' })
  }

  /** Waits for all, so that nothing goes on behind the caller's back; then tells the first failure. */
  async #all(work: readonly Promise<unknown>[], failure: string): Promise<void> {
    for (const outcome of await Promise.allSettled(work)) {
      if (outcome.status === 'fulfilled') continue
      if (isUnreachable(outcome.reason)) throw unavailable(failure, outcome.reason)
      throw refused(failure, outcome.reason)
    }
  }

  #onUp(lost: boolean, before: LineState): void {
    if (before === 'new') return this.#catalog.resume('none', 0)
    if (before === 'down') this.#log?.info(`Consul at ${this.#place.authority} answers`)
    this.#own.doubt()
    const isTrouble = performance.now() - this.#upAt < settled
    this.#upAt = performance.now()
    this.#catalog.resume(lost ? 'lost' : 'outage', isTrouble ? undefined : 0)
    void this.#own.remake()
  }

  #onDown(reason: string): void {
    const until = this.#line.hasAnswered ? ': what it said last is used until it does' : ''
    this.#log?.warn(`Consul at ${this.#place.authority} does not answer${until}`, { error: reason })
    this.#own.doubt()
    this.#catalog.pause()
  }

  #onFailure(error: unknown): void {
    if (this.#closed) return
    this.#line.suspect(error)
    if (!(error instanceof AgentError) || isUnreachable(error) || performance.now() - this.#warnedAt < quiet) return
    this.#warnedAt = performance.now()
    this.#log?.warn(`Consul at ${this.#place.authority} gave an answer of no use`, { error: reasonOf(error) })
  }
}

function refusal(detail: string): MicroError {
  return new MicroError('go.micro.registry', 400, detail, { reason: 'bad_request' })
}

function refused(what: string, cause: unknown): MicroError {
  const detail = `${what}: Consul: ${reasonOf(cause)}`
  return new MicroError('go.micro.registry', 500, detail, { reason: 'internal', cause })
}
