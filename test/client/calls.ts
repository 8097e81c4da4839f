import type { BalancedCall } from '../../src/client/balancer.js'
import type { ClientCall } from '../../src/client/call.js'
import type { ServiceSettings } from '../../src/config/settings.js'

/** The defaults, but for what a test is about. */
export function serviceSettings(settings: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    timeout: 1000,
    attemptTimeout: undefined,
    connectTimeout: 100,
    idleTimeout: 0,
    retries: 1,
    retryOn: ['connect', 'reset', 502, 503, 504],
    idempotent: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
    retryBudget: { ratio: 0.2, minPerSecond: 10 },
    backoff: { base: 25, max: 250 },
    balancer: { kind: 'named', name: 'p2c', options: {} },
    breaker: {
      errorThreshold: 0.5,
      volumeThreshold: 10,
      window: 10_000,
      consecutiveFailures: 5,
      openTime: 60_000,
      maxOpenTime: 60_000,
    },
    maxInFlight: 1024,
    replayLimit: 65_536,
    pool: { connections: 1, keepAlive: 1 },
    hash: undefined,
    protocol: undefined,
    version: undefined,
    split: undefined,
    sticky: undefined,
    ...settings,
  }
}

/** A `GET` through the proxy. */
export function clientCall(call: Partial<ClientCall> = {}): ClientCall {
  const settings = call.settings ?? serviceSettings()
  return {
    service: 'a',
    label: 'GET /a',
    settings,
    handler: 'proxy',
    startedAt: performance.now(),
    timeout: settings.timeout,
    idempotent: true,
    remoteAddress: undefined,
    nodeFilter: undefined,
    node: undefined,
    value: () => undefined,
    wire: () => ({ method: 'GET', path: '/', headers: [], body: null }),
    ...call,
  }
}

/** What a balancer sees of a call; `key`: what `client.hash` names of it. */
export function callOf(key: string | undefined, fields: Partial<BalancedCall> = {}): BalancedCall {
  return {
    service: 'a',
    remoteAddress: undefined,
    weighted: false,
    lasting: true,
    hashKey: () => key,
    header: () => undefined,
    cookie: () => undefined,
    query: () => undefined,
    ...fields,
  }
}
