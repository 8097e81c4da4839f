// Made by npm run schemas from schemas/micro.schema.json.
import type {BalancerChoice, BrokerChoice, MiddlewareList, PluginList, RegistryChoice} from './slots.js'

/** A partial configuration under `profiles`. */
export type ProfileConfig = Omit<MicroConfig, 'profiles' | '$schema'>

/**
 * What is tried again: no connection, an end of it before the answer, these answers. 408, 425 and 429 are too, where they come with a Retry-After and any answer is listed. Default: ['connect', 'reset', 502, 503, 504].
 */
export type RetryOn = (('connect' | 'reset') | number)[]
/**
 * HTTP methods that may be sent again although a node may have carried them out. An RPC is a POST. Default: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].
 */
export type Idempotent = string[]

/**
 * Configuration of micro-sidecar. Every key may be left out.
 */
export interface MicroConfig {
  /**
   * Where an editor finds this schema.
   */
  $schema?: string
  /**
   * The sidecar's own service name. Default: 'go.micro.sidecar'.
   */
  name?: string
  /**
   * Put before the service names that are made from paths. Default: 'go.micro.srv'.
   */
  namespace?: string
  /**
   * What a path other than the fixed ones does: rpc (POST /greeter/say/hello calls Say.Hello) or proxy (the request goes on as it is). Default: 'rpc'.
   */
  handler?: 'rpc' | 'proxy'
  /**
   * Where to listen: '127.0.0.1:8081', ':8081' (every interface), '[::1]:8081', 'unix:/path'. Port 0: any free one. Default: '127.0.0.1:8081'.
   */
  address?: string
  /**
   * Where services are found: a name, { name, … } with options, or in a script the contract's object or a function that returns one. 'auto' asks once whether a Consul agent answers at 127.0.0.1:8500, and is memory where none does; with an address or a token it is Consul. Default: 'auto'.
   */
  registry?: RegistryChoice
  /**
   * Where messages go: a name, { name, … } with options, or in a script the contract's object or a function that returns one. Default: 'memory'.
   */
  broker?: BrokerChoice
  client?: ClientConfig
  /**
   * What differs for one service, by its full name; the rest comes from client.
   */
  services?: {
    [k: string]: ServiceConfig
  }
  app?: AppConfig
  /**
   * Origins that pages may call from, such as 'http://localhost:3000'; '*' is any, never with credentials. Empty: none. Default: [].
   */
  cors?: readonly string[]
  /**
   * Not available in this version. TLS for callers.
   */
  tls?: never
  /**
   * Not available in this version. Certificates from an ACME authority.
   */
  acme?: never
  /**
   * Not available in this version. The dashboard under /stats.
   */
  stats?: false
  /**
   * Prometheus text under /metrics; false: that path is a 404. Default: true.
   */
  metrics?: boolean
  /**
   * Not available in this version. Traces to a collector.
   */
  tracing?: never
  log?: LogConfig
  auth?: AuthConfig
  rpc?: RpcConfig
  limits?: LimitsConfig
  drain?: DrainConfig
  /**
   * Run for each request, in this order: Express functions, or { name, onRequest, onResponse, onError }. Only a script can hold them. Default: [].
   */
  middleware?: MiddlewareList
  /**
   * Named objects that add registries, brokers, balancers, codecs, transports, middleware and routes. Only a script can hold them. Default: [].
   */
  plugins?: PluginList
  /**
   * Partial configurations by name, chosen by --profile, MICRO_PROFILE, else NODE_ENV where such a profile exists. Merged deeply over the rest; lists are replaced.
   */
  profiles?: {
    /**
     * A partial configuration.
     */
    [k: string]: ProfileConfig
  }
}
/**
 * Calls to nodes.
 */
export interface ClientConfig {
  /**
   * The whole call, attempts included, until the head of the answer. Default: '5s' (rpc) or '15s' (proxy).
   */
  timeout?: string | number
  /**
   * One attempt, connecting included, until the head of its answer; shorter than timeout. What runs out of it counts as a 504 for retryOn. Default: none.
   */
  attemptTimeout?: string | number
  /**
   * DNS, TCP and TLS of one connection together. Default: '1s'.
   */
  connectTimeout?: string | number
  /**
   * Without a byte, once the head of the answer is here: bodies, streams and upgraded connections. Zero: no limit. Default: '5m'.
   */
  idleTimeout?: string | number
  /**
   * Further attempts after the first, each on another node where there is one, for what retryOn lists. Zero: none, not even where no node was reached. Default: 1.
   */
  retries?: number
  retryOn?: RetryOn
  idempotent?: Idempotent
  retryBudget?: RetryBudgetConfig
  backoff?: BackoffConfig
  /**
   * Chooses the node of a call: a name, { name, … } with a plugin's options, or in a script the contract's object or a function that returns one. Default: 'p2c'.
   */
  balancer?: BalancerChoice
  /**
   * Takes a node out of use while it fails, at most half of a service's nodes at a time. False: never.
   */
  breaker?: false | BreakerConfig
  /**
   * Calls of one service at a time; one more is refused with 503 at once. Default: 1024.
   */
  maxInFlight?: number
  /**
   * A request's body up to this size is kept, so that it can be sent again. Zero: none is. Default: '64kb'.
   */
  replayLimit?: string | number
  pool?: PoolConfig
  /**
   * Not available in this version. TLS to the nodes.
   */
  tls?: never
  hash?: HashConfig
}
/**
 * How many retries the calls of one service may cause within ten seconds, so that a failing service is not buried. A move from a node that was not reached is free.
 */
export interface RetryBudgetConfig {
  /**
   * Retries for each call. Default: 0.2.
   */
  ratio?: number
  /**
   * Retries a second beyond that. Default: 10.
   */
  minPerSecond?: number
}
/**
 * The wait before a retry: anything from zero to base, 3 × base, 7 × base …, at most max. A longer Retry-After of the node comes first.
 */
export interface BackoffConfig {
  /**
   * The longest wait before the first retry. Default: '25ms'.
   */
  base?: string | number
  /**
   * The longest wait before any. Default: '250ms'.
   */
  max?: string | number
}
/**
 * When a node is taken out of use, and for how long.
 */
export interface BreakerConfig {
  /**
   * Open at this share of failed calls (no answer, or a status of 500 or more), above 0 and up to 1. Default: 0.5.
   */
  errorThreshold?: number
  /**
   * For errorThreshold: not before this many calls in the window. Default: 10.
   */
  volumeThreshold?: number
  /**
   * For errorThreshold: the time that is looked at. Default: '10s'.
   */
  window?: string | number
  /**
   * Open after this many failures in a row, however few the calls. Default: 5.
   */
  consecutiveFailures?: number
  /**
   * Closed to calls for this long, and up to half as long again by chance; then one is let through. Default: '1s'.
   */
  openTime?: string | number
  /**
   * openTime doubles, up to this, each time the one that was let through fails; not below openTime. Default: '60s'.
   */
  maxOpenTime?: string | number
}
/**
 * Connections to nodes.
 */
export interface PoolConfig {
  /**
   * At most this many to one node. Default: 100.
   */
  connections?: number
  /**
   * An idle connection is closed after this. Default: '3s'.
   */
  keepAlive?: string | number
}
/**
 * What the balancer 'hash' sends calls by: one of these. Where a call has none, and when nothing is said here: the caller's address.
 */
export interface HashConfig {
  /**
   * A header's name.
   */
  header?: string
  /**
   * A cookie's name.
   */
  cookie?: string
  /**
   * A query parameter's name.
   */
  query?: string
}
/**
 * What differs for this service.
 */
export interface ServiceConfig {
  /**
   * The whole call, attempts included, until the head of the answer. Default: '5s' (rpc) or '15s' (proxy).
   */
  timeout?: string | number
  /**
   * One attempt, connecting included, until the head of its answer; shorter than timeout. What runs out of it counts as a 504 for retryOn. Default: none.
   */
  attemptTimeout?: string | number
  /**
   * DNS, TCP and TLS of one connection together. Default: '1s'.
   */
  connectTimeout?: string | number
  /**
   * Without a byte, once the head of the answer is here: bodies, streams and upgraded connections. Zero: no limit. Default: '5m'.
   */
  idleTimeout?: string | number
  /**
   * Further attempts after the first, each on another node where there is one, for what retryOn lists. Zero: none, not even where no node was reached. Default: 1.
   */
  retries?: number
  retryOn?: RetryOn
  idempotent?: Idempotent
  retryBudget?: RetryBudgetConfig
  backoff?: BackoffConfig
  /**
   * Chooses the node of a call: a name, { name, … } with a plugin's options, or in a script the contract's object or a function that returns one. Default: 'p2c'.
   */
  balancer?: BalancerChoice
  /**
   * Takes a node out of use while it fails, at most half of a service's nodes at a time. False: never.
   */
  breaker?: false | BreakerConfig
  /**
   * Calls of one service at a time; one more is refused with 503 at once. Default: 1024.
   */
  maxInFlight?: number
  /**
   * A request's body up to this size is kept, so that it can be sent again. Zero: none is. Default: '64kb'.
   */
  replayLimit?: string | number
  pool?: PoolConfig
  /**
   * Not available in this version. TLS to the nodes.
   */
  tls?: never
  hash?: HashConfig
  /**
   * How the service's nodes are spoken to, over what their metadata says.
   */
  protocol?: 'json-rpc' | 'mucp'
  /**
   * Only nodes of this version are called.
   */
  version?: string
  /**
   * Share of the calls for each version, in any unit: { '1.0.0': 90, '2.0.0': 10 }. A version without nodes gives its share to the others; versions that are not named get none. Not together with version.
   */
  split?: {
    [k: string]: number
  }
  sticky?: StickyConfig
}
/**
 * Calls with the same value, of one of these, stay with the same version of a split and, while it lives, with the same node, whatever the balancer. Calls without it go anywhere.
 */
export interface StickyConfig {
  /**
   * A header's name.
   */
  header?: string
  /**
   * A cookie's name.
   */
  cookie?: string
}
/**
 * The application beside the sidecar, registered by it while it is well.
 */
export interface AppConfig {
  /**
   * Its service name, taken as it is. Together with address.
   */
  name?: string
  /**
   * Where it listens, as this host sees it. Together with name.
   */
  address?: string
  /**
   * The address that others use. Left out: address; where that is a loopback or an unspecified one and the registry is shared, that of the interface which leads to the registry.
   */
  advertise?: string
  /**
   * Its version. Default: ''.
   */
  version?: string
  /**
   * Its node's metadata. Default: {}.
   */
  metadata?: {
    [k: string]: string
  }
  /**
   * Leaves the registry unless renewed within this. Default: '90s'.
   */
  ttl?: string | number
  /**
   * Between renewals; half of ttl where that is less. Default: '30s'.
   */
  interval?: string | number
  /**
   * The program and its arguments that start it as the sidecar's child; no shell reads them.
   */
  command?: readonly string[]
  healthcheck?: HealthCheckConfig
}
/**
 * How its health is asked. Left out: it counts as healthy.
 */
export interface HealthCheckConfig {
  /**
   * What is fetched: 2xx is healthy; redirects are not followed.
   */
  url?: string
  /**
   * Between the starts of two checks. Default: '5s'.
   */
  interval?: string | number
  /**
   * Of one check. Default: '500ms'.
   */
  timeout?: string | number
  /**
   * Failures in a row until it is out. Default: 3.
   */
  unhealthy?: number
  /**
   * Successes in a row until it is in again. Default: 1.
   */
  healthy?: number
}
/**
 * The sidecar's own lines.
 */
export interface LogConfig {
  /**
   * The least that is written. Default: 'info'.
   */
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /**
   * One JSON object a line, or lines for people. Default: pretty on a terminal, else json.
   */
  format?: 'json' | 'pretty'
  /**
   * A line for each request. Default: true.
   */
  access?: boolean
}
/**
 * Who may use the admin paths.
 */
export interface AuthConfig {
  /**
   * Admin paths want 'Authorization: Bearer' with it. Left out: no token, and other hosts are refused.
   */
  token?: string
  /**
   * Other hosts may use the admin paths without a token. Default: false.
   */
  open?: boolean
}
/**
 * The path /rpc.
 */
export interface RpcConfig {
  /**
   * What a call's address may name: 'registered' nodes of that service, or 'any'. Default: 'registered'.
   */
  addresses?: 'registered' | 'any'
}
/**
 * Limits for callers.
 */
export interface LimitsConfig {
  /**
   * Bytes of a request's head. Default: '60kb'.
   */
  headers?: string | number
  /**
   * Header lines of a request. Default: 1000.
   */
  headerCount?: number
  /**
   * Calls of the whole sidecar at a time; one more is refused with 503 at once. Default: 4096.
   */
  inFlight?: number
  /**
   * A body that is read whole: rpc, registry, broker. Default: '4mb'.
   */
  body?: string | number
  /**
   * A WebSocket frame of a caller's. Default: '16kb'.
   */
  frame?: string | number
  /**
   * Until a request's head is here. Zero: no limit. Default: '10s'.
   */
  headersTimeout?: string | number
  /**
   * Until a request is here whole. Zero: no limit. Default: '0s'.
   */
  requestTimeout?: string | number
  /**
   * A caller's idle connection is closed after this. Zero: no limit. Default: '72s'.
   */
  keepAlive?: string | number
  /**
   * What waits for a slow subscriber before it is cut. Default: '1mb'.
   */
  subscriberBuffer?: string | number
}
/**
 * How the sidecar stops.
 */
export interface DrainConfig {
  /**
   * Goes on serving for this long while it says that it will stop. Default: '0s'.
   */
  lameDuck?: string | number
  /**
   * Then waits this long for calls, then cuts them. Zero: cuts at once. Default: '10s'.
   */
  grace?: string | number
  /**
   * The whole stop; not below lameDuck and grace together. Default: '30s'.
   */
  hard?: string | number
}
