import type { Registry, Service } from '../registry/registry.js'
import type { Log } from '../telemetry/log.js'
import { within } from '../within.js'

export interface RegistrationOptions {
  readonly registry: Registry
  readonly log: Log
  /** Milliseconds after which the registry forgets the application unless it is renewed. */
  readonly ttl: number
  /** Milliseconds between renewals; at most half of `ttl`, so that one may get lost. */
  readonly interval: number
  /** What to register: asked anew at each return, for addresses change. */
  describe(): Promise<Service>
}

/** Milliseconds that the registry has for one answer. */
const patience = 5000
/** Milliseconds until the first and between the last of the attempts after a failure. */
const retry = { first: 1000, most: 4000 }

/** Keeps one service in the registry, or out of it, through everything that happens to the registry. */
export class Registration {
  readonly #options: RegistrationOptions
  #wanted = false
  #closed = false
  /** What stands in the registry, or may. */
  #service: Service | undefined
  #until = 0
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #work: Promise<void> | undefined
  #again = false

  constructor(options: RegistrationOptions) {
    this.#options = options
  }

  get registered(): boolean {
    return this.#service !== undefined && performance.now() < this.#until
  }

  /** Resolves when it is in, or could not be put in at once. */
  join(): Promise<void> {
    this.#wanted = true
    return this.#wake()
  }

  /** Resolves when it is out, or could not be taken out. */
  leave(): Promise<void> {
    this.#wanted = false
    return this.#wake()
  }

  /** Leaves for good; what is not done within `limit` ms is left to the registration's end. */
  async close(limit: number): Promise<void> {
    const left = await within(limit, this.leave()).then(
      () => !this.registered,
      () => false,
    )
    if (!left) this.#options.log.warn('the application could not leave the registry: it is there until its ttl ends')
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** Whether both are the same node of the same service. */
  isNodeOf(other: Registration): boolean {
    const [mine, theirs] = [this.#service, other.#service]
    return mine !== undefined && mine.name === theirs?.name && mine.nodes[0]?.id === theirs.nodes[0]?.id
  }

  /** Another one keeps what is there. */
  forget(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** One thing at a time: what is wanted meanwhile is done next. */
  #wake(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#closed) return Promise.resolve()
    this.#again = true
    this.#work ??= this.#settle()
    return this.#work
  }

  async #settle(): Promise<void> {
    while (this.#again) {
      this.#again = false
      await (this.#wanted ? this.#enter() : this.#exit()).then(
        () => {
          this.#failures = 0
        },
        (error: unknown) => this.#failed(error),
      )
    }
    this.#work = undefined
    this.#plan()
  }

  async #enter(): Promise<void> {
    const { registry, ttl, log } = this.#options
    const isNew = !this.registered
    const service = isNew ? await this.#options.describe() : this.#service
    if (service === undefined) return
    this.#service = service
    await within(patience, registry.register(service, { ttl }))
    this.#until = performance.now() + ttl
    if (isNew || this.#failures > 0) log.info('the application is registered', factsOf(service, registry))
  }

  async #exit(): Promise<void> {
    const { registry, log } = this.#options
    const service = this.#service
    if (service === undefined) return
    await within(patience, registry.deregister(service))
    if (this.registered) log.info('the application is out of the registry', factsOf(service, registry))
    this.#service = undefined
    this.#until = 0
  }

  #failed(error: unknown): void {
    this.#failures++
    if (!this.#wanted && performance.now() >= this.#until) this.#service = undefined
    if (this.#failures > 1) return
    const { log, registry } = this.#options
    const what = this.#wanted ? 'register' : 'deregister'
    log.warn(`cannot ${what} the application: trying again`, { registry: registry.name, error: reasonOf(error) })
  }

  #plan(): void {
    if (this.#closed) return
    const { interval, ttl } = this.#options
    const renewal = Math.min(interval, ttl / 2)
    if (this.#failures > 0 && (this.#wanted || this.#service !== undefined)) {
      const pause = Math.min(retry.first * 2 ** (this.#failures - 1), retry.most, renewal)
      this.#wakeIn(pause * (0.5 + Math.random() / 2))
    } else if (this.#wanted) this.#wakeIn(renewal * (0.75 + Math.random() / 4))
  }

  #wakeIn(pause: number): void {
    this.#timer = setTimeout(() => void this.#wake(), pause)
  }
}

function factsOf({ name, nodes }: Service, registry: Registry) {
  const [node] = nodes
  return { service: name, id: node?.id, address: node?.address, port: node?.port, registry: registry.name }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
