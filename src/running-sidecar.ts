import { setTimeout as wait } from 'node:timers/promises'
import type { Application } from './app/application.js'
import type { Broker } from './broker/broker.js'
import type { MicroConfig } from './config/config.generated.js'
import type { Settings } from './config/settings.js'
import type { CallOptions } from './handlers/sdk-call.js'
import { sdkCall } from './handlers/sdk-call.js'
import { CallerServer } from './http/caller-server.js'
import { InFlight } from './http/in-flight.js'
import { listenerUrl } from './http/listener-url.js'
import { unixFetch } from './http/unix-fetch.js'
import { embeddedSettings } from './life/embedded-settings.js'
import { Generations } from './life/generations.js'
import { LatestOnly } from './life/latest-only.js'
import { reload } from './life/reloading.js'
import { tellOfRestart } from './life/restart-keys.js'
import { SidecarEvents } from './life/sidecar-events.js'
import { SidecarHealth, type SidecarState } from './life/sidecar-health.js'
import type { MakeParts, SidecarParts } from './life/sidecar-parts.js'
import type { Registry } from './registry/registry.js'
import type { Sidecar, SidecarEvent } from './sidecar.js'
import type { ReloadableLog } from './telemetry/reloadable-log.js'
import { buildTraffic } from './traffic.js'

export interface RunningSidecarOptions {
  readonly parts: SidecarParts
  readonly make: MakeParts
  readonly log: ReloadableLog
  /** Beside the sidecar, where there is one. */
  readonly application: Application | undefined
}

/** Milliseconds that the registry has to let the application go. */
const leaveLimit = 3000

/** One sidecar's life: what starts in which order, and stops in reverse. */
export class RunningSidecar implements Sidecar {
  readonly application: Application | undefined
  readonly #log: ReloadableLog
  readonly #make: MakeParts
  readonly #generations: Generations
  readonly #events: SidecarEvents
  readonly #reloads = new LatestOnly((settings: Settings) => this.#reload(settings))
  readonly #inFlight = new InFlight()
  readonly #health: SidecarHealth
  #state: SidecarState = 'new'
  #server: CallerServer | undefined
  #stopping: Promise<number> | undefined

  constructor({ parts, make, log, application }: RunningSidecarOptions) {
    this.#log = log
    this.#make = make
    this.#generations = new Generations(parts)
    this.#events = new SidecarEvents(log)
    this.application = application
    this.#health = new SidecarHealth(
      this.#generations,
      () => this.application,
      () => this.#state,
    )
    void this.application?.ended.then(() => this.stop())
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
    const { parts } = this.#generations
    try {
      parts.client.start()
      await parts.broker.start()
      await parts.host.start(this)
      await this.#listen(parts)
      this.#state = 'running'
      this.#events.emit('listening')
      this.application?.start(this.url)
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
    const { parts, traffic } = this.#generations
    traffic?.inFlight.enter()
    try {
      return (await sdkCall(parts, service, method, request, options)) as T
    } finally {
      traffic?.inFlight.leave()
    }
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const { address } = this
    return address.startsWith('unix:') ? unixFetch(address.slice(5), path, init) : fetch(`${this.url}${path}`, init)
  }

  on(event: SidecarEvent, listener: () => void): () => void {
    return this.#events.on(event, listener)
  }

  async #listen(parts: SidecarParts): Promise<void> {
    const traffic = await buildTraffic(parts, this.#health, this.#inFlight)
    this.#generations.enter(parts, traffic)
    this.#server = new CallerServer(traffic)
    await this.#server.listen(parts.settings.address)
  }

  async #reload(next: Settings): Promise<void> {
    const before = this.config
    await reload(next, {
      sidecar: this,
      generations: this.#generations,
      make: this.#make,
      buildTraffic: (parts) => buildTraffic(parts, this.#health, this.#inFlight),
      check: () => {
        if (this.#state !== 'running') throw new Error(`only a running sidecar reloads; this one is ${this.#state}`)
      },
      use: (traffic) => this.#server?.use(traffic),
    })
    this.#log.follow(this.config)
    tellOfRestart(next, before, this.#log)
    this.#events.emit('reloaded')
  }

  /**
   * Not ready, the application out of the registry, lame duck, the application ends (and still calls others meanwhile),
   * no more calls, drain, then what the calls needed, and the plugins in reverse.
   */
  async #stop(signal: NodeJS.Signals): Promise<number> {
    const { lameDuck, grace, hard } = this.config.drain
    const end = performance.now() + hard
    const left = () => Math.max(0, end - performance.now())
    const wasRunning = this.#state === 'running'
    this.#state = 'draining'
    if (wasRunning) this.#events.emit('draining')
    await this.application?.withdraw(Math.min(leaveLimit, hard / 2))
    if (wasRunning && lameDuck > 0) await wait(lameDuck)
    // What comes after the application needs some of the time as well.
    await this.application?.finish(signal, left() * 0.9)
    const cut = await this.#drain(Math.min(grace, left()))
    await this.#generations.endAll(left())
    this.#generations.parts.metrics.close()
    this.#state = 'stopped'
    this.#events.emit('stopped')
    this.#log.flush()
    return cut
  }

  async #drain(grace: number): Promise<number> {
    this.#generations.traffic?.refuse()
    this.#generations.closeUpgrades()
    return (await this.#server?.close(grace)) ?? 0
  }
}
