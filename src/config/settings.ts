import type { Broker } from '../broker/broker.js'
import type { Balancer } from '../client/balancer.js'
import type { Middleware } from '../middleware/middleware.js'
import type { Plugin, Slot } from '../plugin/plugin.js'
import type { Registry } from '../registry/registry.js'

/**
 * The configuration as the rooms read it: defaults filled in, profile, environment and flags applied, every
 * duration in milliseconds, every size in bytes, deeply frozen (but for the live objects of the user's).
 */
export interface Settings {
  readonly name: string
  readonly namespace: string
  readonly handler: 'rpc' | 'proxy'
  readonly address: string
  readonly registry: SlotChoice<Registry>
  readonly broker: SlotChoice<Broker>
  /** For the handler in use; what `services` says of a service stands over it. */
  readonly client: ClientSettings
  /** Complete settings of each service that is named in the configuration. */
  readonly services: ReadonlyMap<string, ServiceSettings>
  readonly cors: readonly string[]
  readonly auth: { readonly token: string | undefined; readonly open: boolean }
  readonly rpc: { readonly addresses: 'registered' | 'any' }
  readonly metrics: boolean
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'pretty'; readonly access: boolean }
  readonly limits: Limits
  readonly drain: { readonly lameDuck: number; readonly grace: number; readonly hard: number }
  readonly app: AppSettings
  readonly middleware: readonly Middleware[]
  readonly plugins: readonly Plugin[]
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** What stands in a slot: a name with its options, or the user's own object or function. */
export type SlotChoice<T> =
  | { readonly kind: 'named'; readonly name: string; readonly options: Readonly<Record<string, unknown>> }
  | { readonly kind: 'custom'; readonly value: Slot<T> }

export interface ClientSettings {
  readonly timeout: number
  /** Below `timeout`; `undefined`: an attempt may take what is left of it. */
  readonly attemptTimeout: number | undefined
  readonly connectTimeout: number
  readonly idleTimeout: number
  /** Further attempts after the first. */
  readonly retries: number
  readonly retryOn: readonly RetryCause[]
  /** Methods. */
  readonly idempotent: readonly string[]
  readonly retryBudget: RetryBudgetSettings
  readonly backoff: BackoffSettings
  readonly balancer: SlotChoice<Balancer>
  /** What the balancer `hash` sends calls by; `undefined`: the caller's address. */
  readonly hash: ValueName | undefined
  readonly breaker: BreakerSettings | false
  /** Calls of one service at a time. */
  readonly maxInFlight: number
  /** Bytes up to which a body is kept to be sent again. */
  readonly replayLimit: number
  readonly pool: { readonly connections: number; readonly keepAlive: number }
}

/** `connect`: no node was reached; `reset`: the connection ended before the answer; a number: that status. */
export type RetryCause = 'connect' | 'reset' | number

export interface RetryBudgetSettings {
  /** Retries for each call. */
  readonly ratio: number
  readonly minPerSecond: number
}

export interface BackoffSettings {
  readonly base: number
  readonly max: number
}

/** Names one value of a call. */
export interface ValueName {
  readonly kind: 'header' | 'cookie' | 'query'
  /** Of a header in lower case. */
  readonly name: string
}

export interface BreakerSettings {
  /** 0 to 1. */
  readonly errorThreshold: number
  readonly volumeThreshold: number
  readonly window: number
  /** Failures in a row. */
  readonly consecutiveFailures: number
  readonly openTime: number
  /** What `openTime` grows up to. */
  readonly maxOpenTime: number
}

export interface ServiceSettings extends ClientSettings {
  /** Over the node's metadata. */
  readonly protocol: string | undefined
  /** Only nodes of this version are called. */
  readonly version: string | undefined
  /** The share of each version. */
  readonly split: ReadonlyMap<string, number> | undefined
  /** Calls with the same value stay where they are. */
  readonly sticky: ValueName | undefined
}

/** The application beside the sidecar. */
export interface AppSettings {
  /** What starts it as the sidecar's child; `undefined`: somebody else does. */
  readonly command: readonly string[] | undefined
  /** What is registered for it; `undefined`: nothing is. */
  readonly service: AppServiceSettings | undefined
}

export interface AppServiceSettings {
  readonly name: string
  /** `host:port`, `:port`, `[::1]:port`: where it listens, as this host sees it. */
  readonly address: string
  /** Where others reach it, with or without a port. */
  readonly advertise: string | undefined
  readonly version: string
  readonly metadata: Readonly<Record<string, string>>
  readonly ttl: number
  readonly interval: number
  readonly healthcheck: HealthCheckSettings | undefined
}

export interface HealthCheckSettings {
  readonly url: string
  readonly interval: number
  readonly timeout: number
  /** Failures in a row until it is out. */
  readonly unhealthy: number
  /** Successes in a row until it is in again. */
  readonly healthy: number
}

export interface Limits {
  readonly headers: number
  readonly headerCount: number
  /** Calls of the whole sidecar at once. */
  readonly inFlight: number
  readonly body: number
  readonly frame: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly keepAlive: number
  readonly subscriberBuffer: number
}
