import { describe, expect, test } from 'vitest'
import type { Balancer, Candidate } from '../../src/client/balancer.js'
import type { MicroConfig } from '../../src/config/config.generated.js'
import { resolveConfig } from '../../src/config/resolve.js'
import { ConfigError } from '../../src/errors.js'
import type { Registry } from '../../src/registry/registry.js'

const env = {}
const reference = (text: string) => `\${${text}}`

function faultsOf(config: unknown, options: Parameters<typeof resolveConfig>[1] = { env }): string {
  try {
    // What a program without types may hand over.
    Reflect.apply(resolveConfig, undefined, [config, options])
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

function first(): Balancer {
  return {
    name: 'first',
    pick([candidate]) {
      if (candidate === undefined) throw new Error('no candidate')
      return candidate
    },
  }
}

function registry(name: string): Registry {
  return {
    name,
    register: async () => {},
    deregister: async () => {},
    getService: async () => [],
    listServices: async () => [],
    watch: () => () => {},
    close: async () => {},
  }
}

test('nothing given: every default of the interface', () => {
  expect(resolveConfig({}, { env })).toEqual({
    name: 'go.micro.sidecar',
    metrics: true,
    app: { command: undefined, service: undefined },
    namespace: 'go.micro.srv',
    handler: 'rpc',
    address: '127.0.0.1:8081',
    registry: { kind: 'named', name: 'auto', options: {} },
    broker: { kind: 'named', name: 'memory', options: {} },
    client: {
      timeout: 5000,
      attemptTimeout: undefined,
      connectTimeout: 1000,
      idleTimeout: 300_000,
      retries: 1,
      retryOn: ['connect', 'reset', 502, 503, 504],
      idempotent: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
      retryBudget: { ratio: 0.2, minPerSecond: 10 },
      backoff: { base: 25, max: 250 },
      balancer: { kind: 'named', name: 'p2c', options: {} },
      maxInFlight: 1024,
      breaker: {
        errorThreshold: 0.5,
        volumeThreshold: 10,
        window: 10_000,
        consecutiveFailures: 5,
        openTime: 1000,
        maxOpenTime: 60_000,
      },
      replayLimit: 65_536,
      pool: { connections: 100, keepAlive: 3000 },
    },
    services: new Map(),
    cors: [],
    auth: { token: undefined, open: false },
    rpc: { addresses: 'registered' },
    log: { level: 'info', format: process.stdout.isTTY ? 'pretty' : 'json', access: true },
    limits: {
      headers: 61_440,
      headerCount: 1000,
      inFlight: 4096,
      body: 4_194_304,
      frame: 16_384,
      headersTimeout: 10_000,
      requestTimeout: 0,
      keepAlive: 72_000,
      subscriberBuffer: 1_048_576,
    },
    drain: { lameDuck: 0, grace: 10_000, hard: 30_000 },
    middleware: [],
    plugins: [],
  })
})

test('the proxy handler has a longer time-out, for its services too', () => {
  const { client, services } = resolveConfig({ handler: 'proxy', services: { a: {}, b: { timeout: 1 } } }, { env })
  expect([client.timeout, services.get('a')?.timeout, services.get('b')?.timeout]).toEqual([15_000, 15_000, 1])
})

test('a service takes over from client what it does not say itself, deeply', () => {
  const config: MicroConfig = {
    client: { retries: 3, breaker: { window: '1m' }, pool: { connections: 2 }, balancer: 'random' },
    services: {
      a: { breaker: { openTime: '7s' }, pool: { keepAlive: '1s' }, protocol: 'mucp', version: '2' },
      b: { breaker: false, balancer: 'round-robin' },
    },
  }
  const { services } = resolveConfig(config, { env })
  expect(services.get('a')).toEqual({
    ...resolveConfig(config, { env }).client,
    breaker: {
      errorThreshold: 0.5,
      volumeThreshold: 10,
      window: 60_000,
      consecutiveFailures: 5,
      openTime: 7000,
      maxOpenTime: 60_000,
    },
    pool: { connections: 2, keepAlive: 1000 },
    protocol: 'mucp',
    version: '2',
  })
  expect(services.get('b')).toMatchObject({ breaker: false, retries: 3, balancer: { name: 'round-robin' } })
  expect(services.get('b')).toMatchObject({ protocol: undefined, version: undefined })
})

test('breaker: off for all, on again for one', () => {
  const { client, services } = resolveConfig({ client: { breaker: false }, services: { a: { breaker: {} } } }, { env })
  expect(client.breaker).toBe(false)
  expect(services.get('a')?.breaker).toMatchObject({ errorThreshold: 0.5 })
})

describe('the profile and the environment', () => {
  const config: MicroConfig = {
    profiles: { test: { name: 'test' }, production: { name: reference('NAME') } },
  }

  test('by option, MICRO_PROFILE, NODE_ENV', () => {
    const name = (options: Parameters<typeof resolveConfig>[1]) => resolveConfig(config, options).name
    expect(name({ profile: 'test', env: { MICRO_PROFILE: 'production' } })).toBe('test')
    expect(name({ env: { MICRO_PROFILE: 'production', NAME: 'filled' } })).toBe('filled')
    expect(name({ env: { NODE_ENV: 'test' } })).toBe('test')
    expect(name({ env: { NODE_ENV: 'other' } })).toBe('go.micro.sidecar')
    expect(resolveConfig({ profiles: { [process.env.NODE_ENV ?? '']: { name: 'mine' } } }).name).toBe('mine')
  })

  test('variables lay nothing over the configuration', () => {
    expect(resolveConfig({}, { env: { MICRO_HANDLER: 'proxy', MICRO_CLIENT_RETRIES: 'x' } }).handler).toBe('rpc')
  })

  test('faults name the configuration', () => {
    const found = faultsOf({ nmae: 1, profiles: config.profiles }, { profile: 'production', env: {} })
    expect(found.split('\n')).toEqual([
      expect.stringMatching(/^config {2}profiles\.production\.name: the environment variable NAME is not set; /),
      expect.stringMatching(/^config {2}nmae: unknown key, did you mean "name"; /),
    ])
  })
})

describe('live values', () => {
  test('are kept as they are, in every slot', () => {
    const mine = registry('mine')
    const pick = first()
    const factory = () => pick
    const middleware = () => {}
    const moments = { name: 'm', onRequest() {} }
    const plugin = { name: 'p', config: { deep: { a: 1 } } }
    const settings = resolveConfig(
      {
        registry: mine,
        client: { balancer: factory },
        services: { a: { balancer: pick } },
        middleware: [middleware, false, [null, moments, [undefined]]],
        plugins: [[plugin], false],
      },
      { env },
    )
    expect(settings.registry).toEqual({ kind: 'custom', value: mine })
    expect(settings.registry.kind === 'custom' && settings.registry.value).toBe(mine)
    expect(settings.client.balancer.kind === 'custom' && settings.client.balancer.value).toBe(factory)
    expect(settings.services.get('a')?.balancer).toEqual({ kind: 'custom', value: pick })
    expect(settings.middleware).toEqual([middleware, moments])
    expect(settings.middleware[1]).toBe(moments)
    expect(settings.plugins[0]).toBe(plugin)
    expect([mine, moments, plugin, plugin.config].some(Object.isFrozen)).toBe(false)
  })

  test('an instance of a class fills a slot', () => {
    class Mine implements Balancer {
      readonly name = 'mine'
      pick(candidates: readonly Candidate[]): Candidate {
        return candidates[0] as Candidate
      }
    }
    expect(resolveConfig({ client: { balancer: new Mine() } }, { env }).client.balancer.kind).toBe('custom')
  })

  test('a plugin offers its name for a slot that it fills', () => {
    const plugins = [
      { name: 'etcd', registry: () => registry('etcd') },
      { name: 'near', balancer: first },
    ]
    const named = resolveConfig({ plugins, registry: 'etcd', client: { balancer: { name: 'near', a: 1 } } }, { env })
    expect(named.registry).toEqual({ kind: 'named', name: 'etcd', options: {} })
    expect(named.client.balancer).toEqual({ kind: 'named', name: 'near', options: { a: 1 } })
    expect(faultsOf({ plugins, registry: 'etdc' })).toBe(
      'config  registry: found "etdc", allowed: "auto", "memory", "consul", "mdns", "static" or "etcd", or a plugin with a registry; did you mean "etcd"?',
    )
    expect(faultsOf({ plugins, registry: 'near' })).toContain('found "near"')
    const own = { name: 'consul', registry: registry('consul') }
    expect(faultsOf({ plugins: [own], registry: { name: 'consul', address: 'x' } })).toBe('')
  })

  test('two plugins of one name', () => {
    expect(faultsOf({ plugins: [{ name: 'a' }, [{ name: 'a' }], { name: 'b' }] })).toBe(
      'config  plugins: two plugins are named "a", allowed: each name once',
    )
  })
})

test('what is wrong alone hides what is wrong together, and only that', () => {
  const found = faultsOf({ drain: { grace: 'soon', hard: '1s' }, limits: { requestTimeout: '1s' } })
  expect(found.split('\n').map((line) => line.split(': ')[0])).toEqual([
    'config  drain.grace',
    'config  limits.requestTimeout',
  ])
})

test.each([undefined, null, 3, 'x', [], () => ({}), new Map(), Promise.resolve({})])(
  '%o is no configuration',
  (config) => {
    expect(faultsOf(config)).toMatch(/^config {2}found .*, allowed: an object$/)
  },
)

test('a circle in it, and a member that throws, are faults', () => {
  const circle: Record<string, unknown> = {}
  circle.client = { tls: circle, pool: circle, breaker: circle }
  circle.registry = { name: 'x', circle }
  expect(faultsOf(circle)).toMatch(/nested deeper than 64 levels/)
  const thrower = {
    get client(): never {
      throw new Error('mine')
    },
  }
  expect(faultsOf(thrower)).toBe('config  reading it threw "mine"')
})

test('the settings are frozen, and the configuration given is neither frozen nor changed', () => {
  const config: MicroConfig = { client: { pool: { connections: 3 } }, cors: ['http://a'], services: { a: {} } }
  const before = structuredClone(config)
  const settings = resolveConfig(config, { env })
  const parts = [settings, settings.client, settings.client.pool, settings.client.breaker, settings.client.balancer]
  const more = [settings.cors, settings.limits, settings.drain, settings.log, settings.auth, settings.rpc]
  const rest = [settings.registry, settings.services.get('a'), settings.middleware, settings.plugins]
  for (const part of [...parts, ...more, ...rest]) expect(Object.isFrozen(part)).toBe(true)
  expect(config).toEqual(before)
  expect(Object.isFrozen(config.client)).toBe(false)
})

describe('addresses', () => {
  test.each([
    ...['127.0.0.1:8081', ':8081', '[::1]:8081', '[::]:0', 'localhost:0', 'my-host.local:65535', 'unix:/run/x.sock'],
    ...['[fe80::1%eth0]:1', 'unix:/a b', '0.0.0.0:1'],
  ])('%s', (address) => {
    expect(resolveConfig({ address }, { env }).address).toBe(address)
  })

  test.each([
    ...['', '8081', 'localhost', '::1:8081', '[::1]', 'localhost:', ':65536', ':99999', ':-1', 'unix:', 'unix:x'],
    ...['http://localhost:1', 'a b:1', ':8081 ', ':1\n', '[x]:1'],
  ])('%j is none', (address) => {
    expect(faultsOf({ address })).toMatch(/^config {2}address: found ".*", allowed: /)
  })
})
