import { setTimeout as wait } from 'node:timers/promises'
import type { Application } from './app/application.js'
import type { Broker } from './broker/broker.js'
import type { CheckedBroker } from './broker/checked-broker.js'
import type { Client } from './client/client.js'
import type { Codec } from './codec/codec.js'
import type { Settings } from './config/settings.js'
import { wordsOf } from './errors.js'
import type { CallOptions } from './handlers/sdk-call.js'
import { sdkCall } from './handlers/sdk-call.js'
import { CallerServer } from './http/caller-server.js'
import { listenerUrl } from './http/listener-url.js'
import { unixFetch } from './http/unix-fetch.js'
import type { PluginHost } from './plugin/plugin-host.js'
import type { Registry } from './registry/registry.js'
import type { Dispatcher } from './router/dispatcher.js'
import type { AppHealth, BrokerHealth, RegistryHealth } from './routes/health.js'
import type { Sidecar, SidecarEvent } from './sidecar.js'
import type { Log } from './telemetry/log.js'
import { buildTraffic, type Traffic } from './traffic.js'

export interface SidecarParts {
  readonly settings: Settings
  readonly log: Log
  readonly host: PluginHost
  readonly client: Client
  readonly broker: CheckedBroker
  readonly codecs: ReadonlyMap<string, Codec>
  /** Beside the sidecar, where there is one. */
  readonly application: Application | undefined
}

/** Milliseconds that the registry has to let the application go. */
const leaveLimit = 3000

/** One sidecar's life: what starts in which order, and stops in reverse. */
export class RunningSidecar implements Sidecar {
  readonly config: Settings
  readonly registry: Registry
  readonly broker: Broker
  readonly application: Application | undefined
  readonly #parts: SidecarParts
  readonly #listeners = new Map<SidecarEvent, Set<() => void>>()
  #state: 'new' | 'starting' | 'running' | 'draining' | 'stopped' = 'new'
  #server: CallerServer | undefined
  #traffic: Traffic | undefined
  #stopping: Promise<number> | undefined

  constructor(parts: SidecarParts) {
    this.#parts = parts
    this.config = parts.settings
    this.registry = parts.client.registry
    this.broker = parts.broker
    this.application = parts.application
    void this.application?.ended.then(() => this.stop())
  }

  get address(): string {
    const address = this.#server?.address
    if (address === undefined) throw new Error('this sidecar is not listening: await start() first')
    return address
  }

  get url(): string {
    return listenerUrl(this.address)
  }

  /** This and the following are read by `/health` and `/readyz`. */
  get app(): AppHealth | null {
    return this.application?.health ?? null
  }

  get registryHealth(): RegistryHealth {
    const { name } = this.registry
    return { name, ...this.registry.status?.() }
  }

  get brokerHealth(): BrokerHealth {
    const { name } = this.broker
    return { name, ...this.broker.status() }
  }

  get draining(): boolean {
    return this.#state === 'draining'
  }

  get ready(): boolean {
    return this.#state === 'running'
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`a sidecar starts once; this one is ${this.#state}`)
    this.#state = 'starting'
    try {
      this.#parts.client.start()
      await this.#parts.broker.start()
      await this.#parts.host.start(this)
      await this.#listen()
      this.#state = 'running'
      this.#emit('listening')
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

  async call<T = unknown>(service: string, method: string, request?: unknown, options: CallOptions = {}): Promise<T> {
    return (await sdkCall(this.#parts, service, method, request, options)) as T
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    const { address } = this
    return address.startsWith('unix:') ? unixFetch(address.slice(5), path, init) : fetch(`${this.url}${path}`, init)
  }

  on(event: SidecarEvent, listener: () => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  async #listen(): Promise<void> {
    const { settings } = this.#parts
    const traffic = await buildTraffic(this.#parts, this)
    const server = new CallerServer({
      limits: settings.limits,
      onRequest: (inbound) => traffic.dispatcher.onRequest(inbound),
      wantsUpgrade: (request) => traffic.dispatcher.wantsUpgrade(request),
      onUpgrade: (request, socket, rest, head) => traffic.dispatcher.onUpgrade(request, socket, rest, head),
      onEnd: traffic.onEnd,
    })
    this.#server = server
    this.#traffic = traffic
    await server.listen(settings.address)
  }

  /**
   * Not ready, the application out of the registry, lame duck, the application ends (and still calls others meanwhile),
   * no more calls, drain, then what the calls needed, and the plugins in reverse.
   */
  async #stop(signal: NodeJS.Signals): Promise<number> {
    const { settings, host, client, log } = this.#parts
    const { lameDuck, grace, hard } = settings.drain
    const end = performance.now() + hard
    const left = () => Math.max(0, end - performance.now())
    const wasRunning = this.#state === 'running'
    this.#state = 'draining'
    if (wasRunning) this.#emit('draining')
    await this.application?.withdraw(Math.min(leaveLimit, hard / 2))
    if (wasRunning && lameDuck > 0) await wait(lameDuck)
    // What comes after the application needs some of the time as well.
    await this.application?.finish(signal, left() * 0.9)
    const cut = await this.#drain(this.#traffic?.dispatcher, Math.min(grace, left()))
    for (const failure of await host.stop()) log.error(failure.message)
    await client.close()
    await this.broker.close()
    await this.registry.close()
    this.#state = 'stopped'
    this.#emit('stopped')
    log.flush()
    return cut
  }

  async #drain(dispatcher: Dispatcher | undefined, grace: number): Promise<number> {
    if (dispatcher !== undefined) dispatcher.refusing = true
    this.#traffic?.closeUpgrades()
    return (await this.#server?.close(grace)) ?? 0
  }

  #emit(event: SidecarEvent): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        const told: unknown = listener()
        if (told instanceof Promise) told.catch((error: unknown) => this.#listenerFailed(event, error))
      } catch (error) {
        this.#listenerFailed(event, error)
      }
    }
  }

  #listenerFailed(event: SidecarEvent, error: unknown): void {
    this.#parts.log.error(`a listener for '${event}' failed: ${wordsOf(error)}`)
  }
}
