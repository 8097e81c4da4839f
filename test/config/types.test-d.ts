// Compiled by test/config/types.test.ts and by the linter: each line below is refused, or it is an error.
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Balancer } from '../../src/client/balancer.js'
import type { MicroConfig } from '../../src/config/config.generated.js'
import { type ConfigFunction, defineConfig } from '../../src/config/define-config.js'
import type { LoadedConfig } from '../../src/config/load.js'
import { resolveConfig } from '../../src/config/resolve.js'
import type { Settings } from '../../src/config/settings.js'
import type { Middleware } from '../../src/middleware/middleware.js'
import type { Plugin } from '../../src/plugin/plugin.js'
import type { Registry } from '../../src/registry/registry.js'

declare const registry: Registry
declare const balancer: Balancer
declare const plugin: Plugin
declare const middleware: Middleware
declare const isProduction: boolean

// Right ones.
const whole: MicroConfig = {
  $schema: './node_modules/micro-sidecar/schemas/micro.schema.json',
  name: 'a',
  namespace: 'b',
  handler: 'proxy',
  address: ':8081',
  registry: 'auto',
  client: {
    timeout: '5s',
    connectTimeout: 1000,
    idleTimeout: '5m',
    retries: 1,
    balancer: 'round-robin',
    breaker: { errorThreshold: 0.5, volumeThreshold: 10, window: '10s', openTime: '1s' },
    replayLimit: '64kb',
    pool: { connections: 100, keepAlive: '3s' },
  },
  services: { 'go.micro.srv.greeter': { retries: 2, protocol: 'mucp', version: '1', breaker: false } },
  cors: ['http://localhost'],
  log: { level: 'debug', format: 'json', access: false },
  auth: { token: 'x', open: true },
  rpc: { addresses: 'any' },
  limits: { headers: 1, headerCount: 1, body: '4mb', frame: 1, headersTimeout: 1, requestTimeout: 0, keepAlive: 1 },
  drain: { lameDuck: '0s', grace: '10s', hard: '30s' },
  stats: false,
  metrics: false,
  middleware: [middleware, isProduction && middleware, [undefined, null, middleware]],
  plugins: [plugin, isProduction && plugin, [plugin]],
  profiles: {
    production: { client: { retries: 3 }, profile: undefined } as MicroConfig,
    test: { log: { level: 'silent' } },
  },
}
const slots: MicroConfig[] = [
  { registry },
  { registry: () => registry },
  { registry: async () => registry },
  { registry: (options) => (options.x === 1 ? registry : registry) },
  { registry: 'etcd' },
  { registry: { name: 'etcd', hosts: ['a'] } },
  { client: { balancer } },
  { client: { balancer: () => balancer } },
  { client: { balancer: { name: 'near', region: 'x' } } },
]
const express: MicroConfig = {
  middleware: [
    (request, response, next) => {
      response.setHeader('x', String(request.url))
      next()
    },
    (_request: Request, response: Response) => response.status(204).end(),
    { name: 'a', onRequest: (context) => context.answer(200, createHash('sha1').digest('hex')) },
    { name: 'b', async onResponse() {}, onError: (_, error) => error },
  ],
}
const constant = { cors: ['http://a'], handler: 'rpc', middleware: [] } as const satisfies MicroConfig

export default defineConfig({ handler: 'rpc', profiles: { a: { cors: [] } } })
export const made: MicroConfig = defineConfig({ ...whole, ...express, ...constant })
export const promised: Promise<MicroConfig> = defineConfig(Promise.resolve(whole))
export const later: Promise<ConfigFunction> = defineConfig(Promise.resolve(() => whole))
export const called: ConfigFunction = defineConfig(({ profile, env }) => ({
  name: profile === 'x' ? 'a' : (env.NAME ?? 'b'),
  handler: 'rpc',
}))
defineConfig(async ({ profile }) => ({ name: profile ?? 'a' }))
defineConfig(({ profile }) => {
  if (profile === 'x') return { handler: 'proxy', client: { breaker: false } }
  return {
    registry,
    middleware: [middleware, () => {}],
    plugins: [plugin],
    services: { a: { balancer: () => balancer } },
  }
})
defineConfig(async () => ({ client: { breaker: { window: '1s' } }, registry: { name: 'x', a: 1 }, cors: ['x'] }))
defineConfig((): MicroConfig => whole)
defineConfig(async (): Promise<MicroConfig> => whole)
export const settings: Settings = resolveConfig(defineConfig({}), { profile: 'x', env: { A: undefined } })
export const loaded = (config: LoadedConfig): MicroConfig => config.config
void slots

// Wrong keys.
// @ts-expect-error unknown
defineConfig({ nmae: 'x' })
// @ts-expect-error unknown
defineConfig({ client: { retires: 1 } })
// @ts-expect-error unknown
defineConfig({ client: { pool: { size: 1 } } })
// @ts-expect-error unknown
defineConfig({ services: { a: { tiemout: 1 } } })
// @ts-expect-error unknown, from a function
defineConfig(() => ({ nmae: 'x' }))
// @ts-expect-error unknown beside a known one, from a function
defineConfig(() => ({ name: 'x', nmae: 'x' }))
// @ts-expect-error unknown inside, from a promising function
defineConfig(async () => ({ client: { retires: 1 } }))
// @ts-expect-error unknown deep inside beside a known one, from a promising function
defineConfig(async () => ({ services: { a: { retries: 1, retires: 1 } } }))
// @ts-expect-error unknown in a profile beside a known one, from a function
defineConfig(() => ({ profiles: { a: { name: 'x', nmae: 'x' } } }))

// Wrong values.
// @ts-expect-error not one of the words
defineConfig({ handler: 'rcp' })
// @ts-expect-error a text for a number
defineConfig({ client: { retries: '3' } })
// @ts-expect-error a list for a text
defineConfig({ name: ['x'] })
// @ts-expect-error a text for a list
defineConfig({ cors: 'http://a' })
// @ts-expect-error true is none
defineConfig({ client: { breaker: true } })
// @ts-expect-error a number for a switch
defineConfig({ log: { access: 1 } })
// @ts-expect-error not one of the words
defineConfig({ log: { level: 'loud' } })
// @ts-expect-error no registry
defineConfig({ registry: { register() {} } })
// @ts-expect-error no balancer
defineConfig({ client: { balancer: () => registry } })
// @ts-expect-error a middleware needs a name
defineConfig({ middleware: [{ onRequest() {} }] })
// @ts-expect-error a plugin needs a name
defineConfig({ plugins: [{ start() {} }] })
// @ts-expect-error a wrong value, from a function
defineConfig(() => ({ handler: 'rcp' }))
// @ts-expect-error a wrong value, from a promise
defineConfig(Promise.resolve({ handler: 'rcp' }))
// @ts-expect-error no configuration
defineConfig('x')

// Wrong profiles.
// @ts-expect-error unknown
defineConfig({ profiles: { a: { nmae: 'x' } } })
// @ts-expect-error a wrong value
defineConfig({ profiles: { a: { handler: 'rcp' } } })
// @ts-expect-error a wrong value inside
defineConfig({ profiles: { a: { client: { retries: '3' } } } })
// @ts-expect-error profiles in a profile
defineConfig({ profiles: { a: { profiles: {} } } })
// @ts-expect-error no partial configuration
defineConfig({ profiles: { a: 'x' } })
// @ts-expect-error no map of profiles
defineConfig({ profiles: ['x'] })

defineConfig({ broker: 'memory' })
defineConfig({ broker: { name: 'mine', at: ['a'] } })

defineConfig({ app: { name: 'x', address: ':9090', command: ['node', 'app.js'], healthcheck: { interval: '1s' } } })
// @ts-expect-error a program and its arguments, not a line for a shell
defineConfig({ app: { command: 'node app.js' } })

defineConfig({ client: { retryOn: ['connect', 503], idempotent: ['GET'], backoff: { base: '1ms' }, maxInFlight: 1 } })
// @ts-expect-error no such cause
defineConfig({ client: { retryOn: ['conect'] } })

// Of a later version.
// @ts-expect-error not available
defineConfig({ tls: {} })
// @ts-expect-error not available
defineConfig({ stats: true })
// @ts-expect-error not available
defineConfig({ tracing: {} })
// @ts-expect-error not available
defineConfig({ client: { tls: {} } })
// @ts-expect-error not available
defineConfig({ services: { a: { protocol: 'grpc' } } })
// @ts-expect-error not available
defineConfig({ profiles: { a: { tracing: {} } } })

// @ts-expect-error wrong for the SDK too
resolveConfig({ nmae: 1 })
