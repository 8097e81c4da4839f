import type { Application } from './app/application.js'
import type { Broker } from './broker/broker.js'
import { CheckedBroker } from './broker/checked-broker.js'
import type { Balancer } from './client/balancer.js'
import { Client } from './client/client.js'
import type { MicroConfig } from './config/config.generated.js'
import type { Settings } from './config/settings.js'
import type { CallOptions } from './handlers/sdk-call.js'
import { Beside } from './life/beside.js'
import { embeddedSettings } from './life/embedded-settings.js'
import { keptBroker, keptRegistry, keptTransport } from './life/kept.js'
import type { MakeParts, SidecarParts } from './life/sidecar-parts.js'
import { PluginHost } from './plugin/plugin-host.js'
import { fillBalancer, fillBroker, fillRegistry, made } from './plugin/slots.js'
import type { Registry } from './registry/registry.js'
import { RunningSidecar } from './running-sidecar.js'
import type { Log } from './telemetry/log.js'
import { Metrics } from './telemetry/metrics/metrics.js'
import { ReloadableLog } from './telemetry/reloadable-log.js'
import { createLog } from './telemetry/stream-log.js'
import { http1Transport } from './transport/http1/transport.js'
import type { Transport } from './transport/transport.js'

/** What happens to a sidecar, in the order of a life; `reloaded` any number of times. */
export type SidecarEvent = 'listening' | 'reloaded' | 'draining' | 'stopped'

/** A running sidecar, or one that can be started. Several live in one process and share nothing. */
export interface Sidecar {
  /** `http://127.0.0.1:8081`, with the real port; throws before `start`. */
  readonly url: string
  /** `127.0.0.1:8081` or `unix:/path`, as bound; throws before `start`. */
  readonly address: string
  /** The effective configuration: complete, durations in milliseconds, sizes in bytes. A reload replaces it. */
  readonly config: Settings
  readonly registry: Registry
  /** What stands in the slot, with names checked; a publish that was not accepted rejects with MicroError. */
  readonly broker: Broker
  /** Starts the plugins, then listens. Rejects with the system's error when it cannot, having stopped what had started. */
  start(): Promise<void>
  /** Drains as `drain` says and closes everything: the process can end by itself. Resolves to how many calls were cut. */
  stop(): Promise<number>
  /**
   * Brings another configuration into force between two calls: those in flight end with the one that they began with.
   * Rejects, and changes nothing, where the sidecar does not run, the configuration is wrong (ConfigError), or a plugin
   * does not start. What wants a restart is logged and stays as it is.
   */
  reload(config: MicroConfig): Promise<void>
  /** Calls a service by its full name: `call('go.micro.srv.greeter', 'Say.Hello', { name: 'John' })`. Rejects with MicroError. */
  call<T = unknown>(service: string, method: string, request?: unknown, options?: CallOptions): Promise<T>
  /** An HTTP request to this sidecar's own listener: `fetch('/greeter/say/hello', { method: 'POST', … })`. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Returns what takes the listener off again. */
  on(event: SidecarEvent, listener: () => void): () => void
}

/** Makes a sidecar of a configuration, which is checked whole: rejects with ConfigError. Opens nothing before `start`. */
export async function createSidecar(config: MicroConfig = {}): Promise<Sidecar> {
  const settings = await embeddedSettings(config)
  const log = new ReloadableLog(settings, ({ log }, secrets) =>
    createLog({ level: log.level, format: log.format, stream: process.stderr, secrets }),
  )
  return createSidecarFromSettings(settings, log)
}

/** For the command line, which brings settings of its own sources and its own log. */
export async function createSidecarFromSettings(settings: Settings, log: ReloadableLog): Promise<RunningSidecar> {
  const metrics = new Metrics()
  const parts = await makeParts(settings, log, metrics)
  const make: MakeParts = (next, before) => makeParts(next, log, metrics, before)
  return new RunningSidecar({ parts, make, log, beside: new Beside(await applicationOf(parts), applicationOf) })
}

/** What stays as it was is taken over from `before`, with all that it knows. */
async function makeParts(settings: Settings, log: Log, metrics: Metrics, before?: SidecarParts): Promise<SidecarParts> {
  const host = new PluginHost(settings.plugins, before?.host.running)
  const registry = keptRegistry(settings, before) ?? (await fillRegistry(settings.registry, host.plugins, log))
  const around = { log, limits: settings.limits }
  const broker =
    keptBroker(settings, before) ??
    new CheckedBroker(await fillBroker(settings.broker, host.plugins, around), before?.broker.tally)
  const transport = keptTransport(settings, host.transportPlugin, before) ?? (await transportOf(settings, host))
  const options = {
    registry,
    transport,
    balancer: await balancers(settings, host),
    services: metrics.services,
    warn: (message: string) => log.warn(message),
  }
  const codecs = await host.codecs()
  return { settings, log, host, client: new Client(options, before?.client), broker, codecs, metrics }
}

/** What it needs, TLS and child processes among it, is loaded only where there is one. */
async function applicationOf({ settings, client, log }: SidecarParts): Promise<Application | undefined> {
  const { app, registry: choice } = settings
  if (app.command === undefined && app.service === undefined) return undefined
  const { Application } = await import('./app/application.js')
  return new Application({ settings: app, choice, registry: client.registry, log })
}

/** A plugin's; else strict HTTP/1.1 on plain sockets. */
async function transportOf({ client }: Settings, { transportPlugin }: PluginHost): Promise<Transport> {
  if (transportPlugin?.transport !== undefined) return made(transportPlugin.transport, {})
  return http1Transport({ connections: client.pool.connections, keepAlive: client.pool.keepAlive })
}

/** The balancer of each service: its own where the configuration names one. */
async function balancers(settings: Settings, host: PluginHost): Promise<(service: string) => Balancer> {
  const common = await fillBalancer(settings.client.balancer, host.plugins)
  const named = new Map<string, Balancer>()
  for (const [service, own] of settings.services) {
    if (own.balancer !== settings.client.balancer) named.set(service, await fillBalancer(own.balancer, host.plugins))
  }
  return named.size === 0 ? () => common : (service) => named.get(service) ?? common
}
