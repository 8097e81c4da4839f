import type { Broker } from '../broker/broker.js'
import type { Balancer } from '../client/balancer.js'
import type { Slot } from '../plugin/plugin.js'
import type { Registry } from '../registry/registry.js'
import type {
  AppConfig,
  BreakerConfig,
  ClientConfig,
  HashConfig,
  HealthCheckConfig,
  MicroConfig,
  ServiceConfig,
} from './config.generated.js'
import { amount } from './convert.js'
import { isOptions } from './live.js'
import type {
  AppSettings,
  BreakerSettings,
  ClientSettings,
  HealthCheckSettings,
  ServiceSettings,
  Settings,
  SlotChoice,
  ValueName,
} from './settings.js'
import { flatten, type NamedOptions } from './slots.js'

/** The settings of a complete configuration: one that has every default. */
export function assemble(config: MicroConfig): Settings {
  const { rpc = {}, log = {}, auth = {} } = config
  return Object.freeze({
    name: given(config.name),
    namespace: given(config.namespace),
    handler: given(config.handler),
    address: given(config.address),
    registry: choice<Registry>(given(config.registry)),
    broker: choice<Broker>(given(config.broker)),
    client: Object.freeze(client(config.client ?? {})),
    services: new Map(
      Object.entries(config.services ?? {}).map(([name, each]) => [name, Object.freeze(service(each))]),
    ),
    cors: Object.freeze([...given(config.cors)]),
    auth: Object.freeze({ token: auth.token, open: given(auth.open) }),
    rpc: Object.freeze({ addresses: given(rpc.addresses) }),
    metrics: given(config.metrics),
    log: Object.freeze({ level: given(log.level), format: given(log.format), access: given(log.access) }),
    limits: limits(config.limits ?? {}),
    drain: drain(config.drain ?? {}),
    app: app(config.app ?? {}),
    middleware: Object.freeze(flatten(given(config.middleware))),
    plugins: Object.freeze(flatten(given(config.plugins))),
  })
}

function client(config: ClientConfig): ClientSettings {
  return {
    timeout: duration(config.timeout),
    attemptTimeout: amount(config.attemptTimeout, 'duration'),
    connectTimeout: duration(config.connectTimeout),
    idleTimeout: duration(config.idleTimeout),
    retries: given(config.retries),
    retryOn: Object.freeze([...given(config.retryOn)]),
    idempotent: Object.freeze([...given(config.idempotent)]),
    retryBudget: Object.freeze({
      ratio: given(config.retryBudget?.ratio),
      minPerSecond: given(config.retryBudget?.minPerSecond),
    }),
    backoff: Object.freeze({ base: duration(config.backoff?.base), max: duration(config.backoff?.max) }),
    balancer: choice<Balancer>(given(config.balancer)),
    hash: valueName(config.hash ?? {}),
    breaker: breaker(given(config.breaker)),
    maxInFlight: given(config.maxInFlight),
    replayLimit: size(config.replayLimit),
    pool: Object.freeze({
      connections: given(config.pool?.connections),
      keepAlive: duration(config.pool?.keepAlive),
    }),
  }
}

function service(config: ServiceConfig): ServiceSettings {
  const { protocol, version, split, sticky = {} } = config
  const shares = split === undefined ? undefined : new Map(Object.entries(split))
  return { ...client(config), protocol, version, split: shares, sticky: valueName(sticky) }
}

function valueName({ header, cookie, query }: HashConfig): ValueName | undefined {
  if (header !== undefined) return Object.freeze({ kind: 'header', name: header.toLowerCase() })
  if (cookie !== undefined) return Object.freeze({ kind: 'cookie', name: cookie })
  return query === undefined ? undefined : Object.freeze({ kind: 'query', name: query })
}

function breaker(config: false | BreakerConfig): BreakerSettings | false {
  if (config === false) return false
  return Object.freeze({
    errorThreshold: given(config.errorThreshold),
    volumeThreshold: given(config.volumeThreshold),
    window: duration(config.window),
    consecutiveFailures: given(config.consecutiveFailures),
    openTime: duration(config.openTime),
    maxOpenTime: duration(config.maxOpenTime),
  })
}

function limits(config: NonNullable<MicroConfig['limits']>): Settings['limits'] {
  return Object.freeze({
    headers: size(config.headers),
    headerCount: given(config.headerCount),
    inFlight: given(config.inFlight),
    body: size(config.body),
    frame: size(config.frame),
    headersTimeout: duration(config.headersTimeout),
    requestTimeout: duration(config.requestTimeout),
    keepAlive: duration(config.keepAlive),
    subscriberBuffer: size(config.subscriberBuffer),
  })
}

function drain(config: NonNullable<MicroConfig['drain']>): Settings['drain'] {
  return Object.freeze({
    lameDuck: duration(config.lameDuck),
    grace: duration(config.grace),
    hard: duration(config.hard),
  })
}

/** Without a name or an address nothing is registered; that one needs the other is a rule of its own. */
function app({ name, address, command, healthcheck = {}, ...config }: AppConfig): AppSettings {
  if (name === undefined || address === undefined) return Object.freeze({ command, service: undefined })
  const service = Object.freeze({
    name,
    address,
    advertise: config.advertise,
    version: given(config.version),
    metadata: Object.freeze({ ...config.metadata }),
    ttl: duration(config.ttl),
    interval: duration(config.interval),
    healthcheck: healthcheck.url === undefined ? undefined : healthCheck(healthcheck.url, healthcheck),
  })
  return Object.freeze({ command, service })
}

function healthCheck(url: string, config: HealthCheckConfig): HealthCheckSettings {
  return Object.freeze({
    url,
    interval: duration(config.interval),
    timeout: duration(config.timeout),
    unhealthy: given(config.unhealthy),
    healthy: given(config.healthy),
  })
}

function choice<T extends object>(value: string | NamedOptions | Slot<T>): SlotChoice<T> {
  if (typeof value === 'string') return Object.freeze({ kind: 'named', name: value, options: Object.freeze({}) })
  if (!isNamed(value)) return Object.freeze({ kind: 'custom', value })
  const { name, ...options } = value
  return Object.freeze({ kind: 'named', name, options: Object.freeze(options) })
}

function isNamed(value: object): value is NamedOptions {
  return isOptions(value)
}

function duration(value: string | number | undefined): number {
  return given(amount(value, 'duration'))
}

function size(value: string | number | undefined): number {
  return given(amount(value, 'size'))
}

/** The schema gives every key that is read here a default, so that a missing one is a fault of this program. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('The schema has no default for a setting')
  return value
}
