import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.js'
import { SCHEMA } from '../../src/config/schema.generated.js'
import { nodeAt } from '../../src/config/schema.js'

const file = new URL('../../schemas/micro.schema.json', import.meta.url)
const text = await readFile(file, 'utf8')

/** The interface's keys, line by line; `-` before what is not available in this version. */
const KEYS = `
  name namespace handler address registry broker client services app cors -tls -acme -stats metrics -tracing log auth
  rpc limits drain middleware plugins profiles
  client.timeout client.attemptTimeout client.connectTimeout client.idleTimeout client.retries client.retryOn
  client.idempotent client.retryBudget client.backoff client.balancer client.breaker client.maxInFlight
  client.retryBudget.ratio client.retryBudget.minPerSecond client.backoff.base client.backoff.max
  client.replayLimit client.pool client.pool.connections client.pool.keepAlive -client.tls client.hash client.hash.header client.hash.cookie client.hash.query
  client.breaker.errorThreshold client.breaker.volumeThreshold client.breaker.window client.breaker.openTime
  client.breaker.consecutiveFailures client.breaker.maxOpenTime
  services.x.timeout services.x.retries services.x.breaker services.x.protocol services.x.version services.x.split services.x.split.y services.x.sticky
  log.level log.format log.access auth.token auth.open rpc.addresses
  app.name app.address app.advertise app.version app.metadata app.ttl app.interval app.command app.healthcheck
  app.healthcheck.url app.healthcheck.interval app.healthcheck.timeout app.healthcheck.unhealthy app.healthcheck.healthy
  limits.headers limits.headerCount limits.body limits.frame limits.headersTimeout limits.requestTimeout
  limits.keepAlive limits.subscriberBuffer drain.lameDuck drain.grace drain.hard profiles.x.client.retries
`
  .split(/\s+/)
  .filter((key) => key !== '')

test.each(KEYS)('the interface key %s', (key) => {
  const node = nodeAt(SCHEMA, key.replace('-', '').split('.'))
  expect(node).toBeDefined()
  expect(node?.available === false).toBe(key.startsWith('-'))
})

test('types, validator, run-time form and documentation are what the schema gives', async () => {
  const script = new URL('../../scripts/generate-schemas.mjs', import.meta.url)
  await promisify(execFile)(process.execPath, [script.pathname, '--check'])
}, 30_000)

test('a key becomes available by the schema alone', async () => {
  const url = (name: string) => new URL(`../../scripts/schemas/${name}.mjs`, import.meta.url).href
  const { runtimeForm }: { runtimeForm(schema: unknown): string } = await import(url('runtime-form'))
  const { stripInterpolation }: { stripInterpolation(schema: unknown): unknown } = await import(
    url('strip-interpolation')
  )
  const { types }: { types(schema: unknown): Promise<string> } = await import(url('types'))
  const { validator }: { validator(schema: unknown): string } = await import(url('validator'))
  const schema = JSON.parse(text)
  expect(validator(stripInterpolation(schema))).not.toContain('sampler')
  delete schema.properties.tracing['x-available']
  const now = stripInterpolation(schema)
  expect(validator(now)).toContain('sampler')
  expect(runtimeForm(now)).toContain('sampler')
  expect(await types(now)).toMatch(/tracing\?: \{[\s\S]*?sampler\?: string/)
})

test('the schema holds all that it refers to, so that editors need no network', () => {
  const references = [...text.matchAll(/"\$ref": "([^"]*)"/g)].map(([, reference]) => reference)
  expect(references.length).toBeGreaterThan(0)
  for (const reference of references) expect(reference).toMatch(/^#/)
})

test('every key has a description, which says the default', () => {
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('properties' in node)
      found.push(
        ...Object.entries(Object(node.properties))
          .filter(isWrong)
          .map(([key]) => key),
      )
    for (const child of Object.values(node)) visit(child)
  }
  const isWrong = ([, node]: [string, unknown]) => {
    if (typeof node !== 'object' || node === null || (Object.keys(node).length === 1 && '$ref' in node)) return false
    const description = 'description' in node ? String(node.description) : ''
    const saysDefault = / Default: \S/.test(description) || !('default' in node)
    return !/^\S.*\.$/.test(description) || !saysDefault
  }
  visit(JSON.parse(text))
  expect(found).toEqual([])
})

test('as editors read it, with ajv: right files are right and wrong ones wrong', () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(text))
  const reference = `\${PORT:-8081}`
  const right = [
    {},
    { $schema: './node_modules/micro-sidecar/schemas/micro.schema.json', handler: 'proxy', address: `:${reference}` },
    {
      client: { retries: reference, timeout: reference, breaker: reference, balancer: 'random' },
      log: { access: reference },
    },
    {
      handler: reference,
      limits: { body: reference, headerCount: reference },
      cors: [`http://localhost:${reference}`, '*'],
    },
    { registry: { name: 'mine', address: 'x' }, services: { a: { protocol: 'mucp', breaker: false } } },
    { profiles: { production: { client: { timeout: '1m30s' }, drain: { grace: 5 } } } },
  ]
  for (const config of right) expect(validate(config), JSON.stringify(config)).toBe(true)
  const wrong = [
    ...[
      { nmae: 1 },
      { handler: 'rcp' },
      { client: { retries: 'three' } },
      { client: { breaker: true } },
      { cors: 'x' },
    ],
    ...[{ profiles: { a: { profiles: {} } } }, { profiles: { a: { nmae: 1 } } }, { services: { a: { retires: 1 } } }],
    ...[
      { client: { timeout: '5 s' } },
      { limits: { body: '4 m' } },
      { address: 'localhost' },
      { log: { access: 'yes' } },
    ],
  ]
  for (const config of wrong) expect(validate(config), JSON.stringify(config)).toBe(false)
})

test('the defaults of the schema are right by the schema', () => {
  const standard = (node: object): unknown => {
    const properties = Reflect.get(node, 'properties')
    if (Reflect.get(node, 'available') === false) return undefined
    if (Reflect.get(node, 'default') !== undefined || typeof properties !== 'object')
      return Reflect.get(node, 'default')
    return Object.fromEntries(Object.entries(properties).map(([key, child]) => [key, standard(Object(child))]))
  }
  const config = Object(standard(SCHEMA))
  expect(config.client.breaker).toEqual({
    errorThreshold: 0.5,
    volumeThreshold: 10,
    window: '10s',
    consecutiveFailures: 5,
    openTime: '1s',
    maxOpenTime: '60s',
  })
  expect(resolveConfig({ ...config, profiles: {} }, { env: {} })).toEqual(resolveConfig({}, { env: {} }))
})
