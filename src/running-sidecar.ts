import type { Application } from './app/application.js'
import type { Broker } from './broker/broker.js'
import type { MicroConfig } from './config/config.generated.js'
import type { Settings } from './config/settings.js'
import type { CallOptions } from './handlers/sdk-call.js'
import { CallerServer } from './http/caller-server.js'
import { InFlight } from './http/in-flight.js'
import { listenerUrl } from './http/listener-url.js'
import { unixFetch } from './http/unix-fetch.js'
import type { Beside } from './life/beside.js'
import { embeddedSettings } from './life/embedded-settings.js'
import { Generations } from './life/generations.js'
import { LatestOnly } from './life/latest-only.js'
import { reload } from './life/reloading.js'
import { SdkCalls, stopped } from './life/sdk-calls.js'
import { SidecarEvents } from './life/sidecar-events.js'
import { SidecarHealth, type SidecarState } from './life/sidecar-health.js'
import type { MakeParts, SidecarParts } from './life/sidecar-parts.js'
import { stop } from './life/stopping.js'
import type { Registry } from './registry/registry.js'
import type { Sidecar, SidecarEvent } from './sidecar.js'
import type { ReloadableLog } from './telemetry/reloadable-log.js'
import { buildTraffic } from './traffic.js'

export interface RunningSidecarOptions {
  readonly parts: SidecarParts
  readonly make: MakeParts
  readonly log: ReloadableLog
  readonly beside: Beside
}

/** One sidecar's life: what starts in which order, and stops in reverse. */
export class RunningSidecar implements Sidecar {
  readonly #options: RunningSidecarOptions
  readonly #generations: Generations
  readonly #calls: SdkCalls
  readonly #events: SidecarEvents
  readonly #reloads = new LatestOnly((settings: Settings) => this.#reload(settings))
  readonly #inFlight = new InFlight()
  readonly #health: SidecarHealth
  #state: SidecarState = 'new'
  #server: CallerServer | undefined
  #opening: Promise<void> | undefined
  #giveUpStart: () => void = () => undefined
  #stopping: Promise<number> | undefined
  #clean = true

  constructor(options: RunningSidecarOptions) {
    const { parts, log, beside } = options
    this.#options = options
    this.#generations = new Generations(parts)
    this.#calls = new SdkCalls(this.#generations)
    this.#events = new SidecarEvents(log)
    this.#health = new SidecarHealth(
      this.#generations,
      () => this.application,
      () => this.#state,
    )
    void beside.application?.ended.then(() => this.stop())
  }

  get application(): Application | undefined {
    return this.#options.beside.application
  }

  get config(): Settings {
    return this.#generations.parts.settings
  }

  get registry(): Registry {
    return this.#generations.parts.client.registry
  }

  get broker(): Broker {
    return this.#generations.parts.broker
  }

  /** False where the stop had to leave something undone at `drain.hard`. */
  get hasStoppedWhole(): boolean {
    return this.#clean
  }

  get address(): string {
    const address = this.#server?.address
    if (address === undefined) throw new Error('this sidecar is not listening: await start() first')
    return address
  }

  get url(): string {
    return listenerUrl(this.address)
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`a sidecar starts once; this one is ${this.#state}`)
    this.#state = 'starting'
    const given = new Promise<never>((_, reject) => {
      this.#giveUpStart = () => reject(new Error('the sidecar was stopped before it had started'))
    })
    given.catch(() => undefined)
    this.#opening = this.#open()
    try {
      await Promise.race([this.#opening, given])
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** `signal` is what an application that is the sidecar's child is asked to end with. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#stopping ??= this.#stop(signal)
    return this.#stopping
  }

  async reload(config: MicroConfig): Promise<void> {
    await this.follow(await embeddedSettings(config))
  }

  /** The same with settings, as the command line has them. */
  follow(settings: Settings): Promise<void> {
    return this.#reloads.run(settings)
  }

  async call<T = unknown>(service: string, method: string, request?: unknown, options: CallOptions = {}): Promise<T> {
    if (this.#state === 'stopped') throw stopped()
    return (await this.#calls.call(service, method, request, options)) as T
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const { address } = this
    return address.startsWith('unix:') ? unixFetch(address.slice(5), path, init) : fetch(`${this.url}${path}`, init)
  }

  on(event: SidecarEvent, listener: () => void): () => void {
    return this.#events.on(event, listener)
  }

  /** A stop has it end behind the step that it is at. */
  async #open(): Promise<void> {
    const { parts } = this.#generations
    parts.client.start()
    await parts.broker.start()
    await parts.host.start(this, () => this.#state === 'starting')
    const traffic = await buildTraffic(parts, this.#health, this.#inFlight)
    if (this.#state !== 'starting') return
    this.#generations.enter(parts, traffic)
    this.#server = new CallerServer(traffic)
    await this.#server.listen(parts.settings.address)
    if (this.#state !== 'starting') return this.#server.close(0)
    this.#state = 'running'
    this.#events.emit('listening')
    this.application?.start(this.url)
  }

  async #reload(next: Settings): Promise<void> {
    await reload(next, {
      sidecar: this,
      log: this.#options.log,
      generations: this.#generations,
      make: this.#options.make,
      buildTraffic: (parts) => buildTraffic(parts, this.#health, this.#inFlight),
      check: () => {
        if (this.#state !== 'running') throw new Error(`only a running sidecar reloads; this one is ${this.#state}`)
      },
      use: (traffic) => this.#server?.use(traffic),
      follow: (parts) => this.#options.beside.follow(parts, this.url),
    })
    this.#events.emit('reloaded')
  }

  async #stop(signal: NodeJS.Signals): Promise<number> {
    const before = this.#state
    this.#state = 'draining'
    this.#giveUpStart()
    if (before === 'running') this.#events.emit('draining')
    const { cut, clean } = await stop({
      drain: this.config.drain,
      signal,
      application: this.application,
      generations: this.#generations,
      server: before === 'running' ? this.#server : undefined,
      inFlight: this.#inFlight,
      cut: () => this.#calls.cut(),
      underWay: Promise.all([this.#opening, this.#reloads.settled()]),
    })
    this.#clean = clean
    this.#state = 'stopped'
    this.#events.emit('stopped')
    this.#options.log.flush()
    return cut
  }
}
