import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { faultsOf, load, loadFiles, workspace } from './workspace.js'

const reference = (text: string) => `\${${text}}`
const file = (config: unknown) => ({ 'micro.config.yaml': stringify(config) })

describe('the later counts: defaults, file, profile, environment, flags', () => {
  const config = {
    client: { retries: 2, pool: { connections: 7 } },
    profiles: { production: { client: { retries: 3 } } },
  }
  const env = { MICRO_CLIENT_RETRIES: '4' }
  const argv = ['--client_retries=5']

  test.each([
    ['defaults', {}, {}, 1],
    ['file', config, {}, 2],
    ['profile', config, { argv: ['--profile=production'] }, 3],
    ['environment', config, { env: { ...env, MICRO_PROFILE: 'production' } }, 4],
    ['flags', config, { env: { ...env, MICRO_PROFILE: 'production' }, argv }, 5],
  ])('%s', async (_, text, call, retries) => {
    const { settings, config: merged } = await loadFiles(file(text), call)
    expect(settings.client.retries).toBe(retries)
    expect(merged.client?.retries).toBe(retries)
    expect(settings.client.pool.connections).toBe('client' in text ? 7 : 100)
  })
})

describe('profiles', () => {
  const config = {
    cors: ['http://a', 'http://b'],
    client: { timeout: '1s', breaker: false },
    services: { x: { retries: 5 } },
    profiles: {
      deep: { client: { breaker: { openTime: '9s' } }, services: { x: { timeout: '2s' }, y: {} }, cors: ['http://c'] },
      test: { name: 'test' },
      production: { name: 'production' },
    },
  }

  test('are merged deeply, lists replaced', async () => {
    const { settings, config: merged, profile } = await loadFiles(file(config), { argv: ['--profile', 'deep'] })
    expect(profile).toBe('deep')
    expect(settings.cors).toEqual(['http://c'])
    expect(settings.client).toMatchObject({ timeout: 1000, breaker: { openTime: 9000, errorThreshold: 0.5 } })
    expect(settings.services.get('x')).toMatchObject({ retries: 5, timeout: 2000 })
    expect([...settings.services.keys()]).toEqual(['x', 'y'])
    expect(merged).not.toHaveProperty('profiles')
  })

  test.each([
    ['the flag', { argv: ['--profile=test'], env: { MICRO_PROFILE: 'production', NODE_ENV: 'deep' } }, 'test'],
    ['the option', { profile: 'test', env: { MICRO_PROFILE: 'production' } }, 'test'],
    ['MICRO_PROFILE', { env: { MICRO_PROFILE: 'production', NODE_ENV: 'test' } }, 'production'],
    ['NODE_ENV', { env: { MICRO_PROFILE: '', NODE_ENV: 'test' } }, 'test'],
    ['a NODE_ENV without a profile', { env: { NODE_ENV: 'staging' } }, undefined],
    ['nothing', {}, undefined],
  ])('chosen by %s', async (_, call, profile) => {
    const loaded = await loadFiles(file(config), call)
    expect(loaded.profile).toBe(profile)
    expect(loaded.settings.name).toBe(profile ?? 'go.micro.sidecar')
  })

  test.each([
    [{ argv: ['--profile=tset'] }, 'flag --profile'],
    [{ env: { MICRO_PROFILE: 'tset' } }, 'environment MICRO_PROFILE'],
  ])('a named one must exist: %j', async (call, source) => {
    const known = 'known profiles: "deep", "test", "production"'
    expect(await faultsOf(loadFiles(file(config), call))).toBe(
      `${source}  unknown profile "tset", did you mean "test"; ${known}`,
    )
  })

  test('a fault in a profile is told even where it is not used, with its own line', async () => {
    const text = 'profiles:\n  production:\n    client:\n      retries: x\n'
    expect(await faultsOf(loadFiles({ 'micro.config.yaml': text }))).toBe(
      'micro.config.yaml:4:7  profiles.production.client.retries: found "x", allowed: a whole number from 0 to 100',
    )
  })

  test('a combination that only the profile breaks is told at its line', async () => {
    const text = 'drain: { grace: 20s }\nprofiles:\n  fast:\n    drain: { hard: 5s }\n  slow: { drain: { hard: 1m } }\n'
    const call = { argv: ['--profile=fast'] }
    expect(await faultsOf(loadFiles({ 'micro.config.yaml': text }, call))).toMatch(
      /^micro.config.yaml:4:14 {2}drain.hard: /,
    )
    expect((await loadFiles({ 'micro.config.yaml': text }, { argv: ['--profile=slow'] })).settings.drain.hard).toBe(
      60_000,
    )
  })
})

describe('variables in texts', () => {
  const env = { HOST: 'localhost', PORT: '9090', EMPTY: '', RETRIES: '3', ON: 'false', T: '250', LONG: '1m', N: '007' }
  const read = async (config: unknown) => (await loadFiles(file(config), { env })).settings

  test.each([
    [`${reference('HOST')}:${reference('PORT')}`, 'localhost:9090'],
    [`${reference('NONE:-127.0.0.1')}:${reference('PORT:-1')}`, '127.0.0.1:9090'],
    [`${reference('EMPTY:-localhost')}:1`, 'localhost:1'],
    [`${reference('EMPTY')}:1`, ':1'],
    [`${reference('NONE:-')}:1`, ':1'],
    [`unix:/$${reference('x')}/a`, `unix:/${reference('x')}/a`],
    ['unix:/a$b{c}', 'unix:/a$b{c}'],
  ])('%s is %s', async (text, address) => {
    expect((await read({ address: text })).address).toBe(address)
  })

  test('stand for numbers, switches, durations and sizes too', async () => {
    const settings = await read({
      client: { retries: reference('RETRIES'), timeout: reference('T'), idleTimeout: reference('LONG') },
      log: { access: reference('ON') },
      limits: { body: reference('SIZE:-2mb'), frame: reference('SIZE:-2048') },
      services: { a: { breaker: reference('ON'), version: reference('N') } },
    })
    expect(settings.client).toMatchObject({ retries: 3, timeout: 250, idleTimeout: 60_000 })
    expect(settings.log.access).toBe(false)
    expect(settings.limits).toMatchObject({ body: 2_097_152, frame: 2048 })
    expect(settings.services.get('a')).toMatchObject({ breaker: false, version: '007' })
  })

  test('what they hold is not read for variables again', async () => {
    const { settings } = await loadFiles(file({ auth: { token: reference('A') } }), { env: { A: reference('B') } })
    expect(settings.auth.token).toBe(reference('B'))
  })

  test('in lists, in options, in scripts', async () => {
    expect((await read({ cors: [`http://${reference('HOST')}`] })).cors).toEqual(['http://localhost'])
    const text = `export default { name: '${reference('HOST')}', registry: { name: 'mine', at: ['${reference('PORT')}'] },
      plugins: [{ name: 'mine', registry: () => ({}) }] }`
    const { settings } = await loadFiles({ 'micro.config.ts': text }, { env })
    expect(settings.name).toBe('localhost')
    expect(settings.registry).toEqual({ kind: 'named', name: 'mine', options: { at: ['9090'] } })
  })

  test('a missing one is a fault at its key, one for each', async () => {
    const text = `name: a.${reference('A')}.${reference('B')}\ncors: ["http://${reference('C')}"]\n`
    const found = await faultsOf(loadFiles({ 'micro.config.yaml': text }))
    expect(found.split('\n').map((line) => line.split(' is not set')[0])).toEqual([
      'micro.config.yaml:1:1  name: the environment variable A',
      'micro.config.yaml:1:1  name: the environment variable B',
      'micro.config.yaml:2:8  cors[0]: the environment variable C',
    ])
  })

  test('a profile that is not used may name missing ones', async () => {
    const config = {
      profiles: { production: { auth: { token: reference('TOKEN') }, client: { retries: reference('R') } } },
    }
    expect((await loadFiles(file(config))).profile).toBeUndefined()
    expect(await faultsOf(loadFiles(file(config), { argv: ['--profile=production'] }))).toMatch(
      /TOKEN[\s\S]*R is not set/,
    )
  })

  test('S12: names that every object has are no variables', async () => {
    expect(await faultsOf(loadFiles(file({ name: reference('constructor') })))).toContain('constructor is not set')
  })
})

describe('environment and flags', () => {
  const variables: readonly (readonly [Readonly<Record<string, string>>, object])[] = [
    [{ MICRO_REGISTRY: 'memory' }, { registry: { name: 'memory' } }],
    [{ MICRO_CLIENT_REQUEST_TIMEOUT: '1m30s' }, { client: { timeout: 90_000 } }],
    [{ MICRO_CLIENT_REQUEST_TIMEOUT: '1500' }, { client: { timeout: 1500 } }],
    [{ MICRO_CLIENT_RETRIES: '0' }, { client: { retries: 0 } }],
    [{ MICRO_CLIENT_POOL_SIZE: '5' }, { client: { pool: { connections: 5 } } }],
    [{ MICRO_CLIENT_POOL_TTL: '1m' }, { client: { pool: { keepAlive: 60_000 } } }],
    [{ MICRO_SELECTOR: 'random' }, { client: { balancer: { name: 'random' } } }],
    [{ MICRO_SELECTOR: 'roundrobin' }, { client: { balancer: { name: 'round-robin' } } }],
    [{ MICRO_SELECTOR: 'cache' }, { client: { balancer: { name: 'p2c' } } }],
    [{ MICRO_TRANSPORT: 'http' }, {}],
    [{ MICRO_ENABLE_TLS: 'false', MICRO_ENABLE_STATS: '0', MICRO_ENABLE_ACME: 'f', MICRO_WATCH: 'false' }, {}],
    [{ MICRO_ADDRESS: ':1' }, { address: ':1' }],
    [{ MICRO_SIDECAR_ADDRESS: ':2' }, { address: ':2' }],
    [{ MICRO_SIDECAR_ADDRESS: ':2', MICRO_ADDRESS: ':1' }, { address: ':2' }],
    [{ MICRO_HANDLER: 'proxy' }, { handler: 'proxy', client: { timeout: 15_000 } }],
    [{ MICRO_SIDECAR_HANDLER: 'proxy' }, { handler: 'proxy' }],
    [{ MICRO_NAMESPACE: 'a.b' }, { namespace: 'a.b' }],
    [{ MICRO_SIDECAR_NAMESPACE: 'a.b' }, { namespace: 'a.b' }],
    [{ MICRO_CORS: 'http://a, http://b,' }, { cors: ['http://a', 'http://b'] }],
    [{ MICRO_SIDECAR_CORS: '*' }, { cors: ['*'] }],
    [{ MICRO_LOG_LEVEL: 'debug', MICRO_LOG_FORMAT: 'pretty' }, { log: { level: 'debug', format: 'pretty' } }],
    [{ MICRO_AUTH_TOKEN: 'canary' }, { auth: { token: 'canary' } }],
    [{ MICRO_HANDLER: '', MICRO_REGISTRY: '', MICRO_CLIENT_RETRIES: '', MICRO_ENABLE_TLS: '' }, { handler: 'rpc' }],
    [{ MICRO_SOMETHING: 'else', MICRO_SIDECAR_PORT: 'tcp://10.0.0.1:8081' }, {}],
  ]

  test.each(variables)('%j', async (env, settings) => {
    expect((await loadFiles({}, { env })).settings).toMatchObject(settings)
  })

  const flags = variables.flatMap(([env, settings]) => {
    const [[name = '', value] = [], ...others] = Object.entries(env)
    return others.length > 0 || name === 'MICRO_AUTH_TOKEN'
      ? []
      : [[`--${name.slice(6).toLowerCase()}`, value, settings] as const]
  })

  test.each(flags)('%s %s', async (name, value, settings) => {
    expect((await loadFiles({}, { argv: [`${name}=${value}`] })).settings).toMatchObject(settings)
    expect((await loadFiles({}, { argv: [name.replaceAll('_', '-'), `${value}`] })).settings).toMatchObject(settings)
  })

  test('--address stands over --sidecar_address, both over variables', async () => {
    const env = { MICRO_SIDECAR_ADDRESS: ':1' }
    expect((await loadFiles({}, { env, argv: ['--sidecar_address=:2'] })).settings.address).toBe(':2')
    const argv = ['--address=:3', '--sidecar_address=:2']
    expect((await loadFiles({}, { env, argv })).settings.address).toBe(':3')
  })

  test('what asks for nothing is taken', async () => {
    expect((await loadFiles({}, { argv: ['--no-watch', '--enable_stats=false'] })).settings.handler).toBe('rpc')
  })

  test('texts of variables and flags are taken as they are', async () => {
    const { settings } = await loadFiles({}, { argv: [`--address=unix:/${reference('HOME')}`] })
    expect(settings.address).toBe(`unix:/${reference('HOME')}`)
  })

  test('--token-file, MICRO_TOKEN_FILE: the file without the white space around', async () => {
    const folder = await workspace({ token: '  canary\n', empty: '\n' })
    expect((await load(folder, { argv: [`--token-file=${folder}/token`] })).settings.auth.token).toBe('canary')
    expect((await load(folder, { env: { MICRO_TOKEN_FILE: `${folder}/token` } })).settings.auth.token).toBe('canary')
    expect(await faultsOf(load(folder, { argv: [`--token-file=${folder}/empty`] }))).toMatch(
      /^flag --token-file {2}auth.token: the file ".*" is empty, allowed: a file with a token$/,
    )
    await writeFile(`${folder}/token`, 'two words canary')
    expect(await faultsOf(load(folder, { argv: [`--token-file=${folder}/token`] }))).not.toContain('canary')
  })

  test('faults found before are told too', async () => {
    const before = [{ source: 'flag --x', path: '', message: 'mine' }]
    expect(await faultsOf(loadFiles({}, { faults: before }))).toBe('flag --x  mine')
  })
})

describe('S12: names of keys are data', () => {
  test.each(['json', 'yaml'])('in a .%s file', async (extension) => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'a b', '', '💥']
    const services = names.map((name) => `${JSON.stringify(name)}: { "retries": 9 }`).join(', ')
    const { settings } = await loadFiles({ [`micro.config.${extension}`]: `{ "services": { ${services} } }` })
    expect([...settings.services.keys()].sort()).toEqual([...names].sort())
    expect(settings.services.get('__proto__')?.retries).toBe(9)
    expect({}).not.toHaveProperty('retries')
  })

  test.each(['json', 'yaml'])('unknown ones in a .%s file are faults', async (extension) => {
    const text =
      '{ "__proto__": { "handler": "proxy" }, "client": { "__proto__": { "retries": 9 }, "constructor": 1 } }'
    const found = await faultsOf(loadFiles({ [`micro.config.${extension}`]: text }))
    expect(found.split('\n').map((line) => line.split(': ')[0]?.split('  ')[1])).toEqual([
      '__proto__',
      'client.__proto__',
      'client.constructor',
    ])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('a profile of such a name', async () => {
    const text = '{ "profiles": { "__proto__": { "handler": "proxy" } } }'
    const { settings, profile } = await loadFiles({ 'micro.config.json': text }, { argv: ['--profile=__proto__'] })
    expect([settings.handler, profile]).toEqual(['proxy', '__proto__'])
    expect(await faultsOf(loadFiles({ 'micro.config.json': '{}' }, { argv: ['--profile=constructor'] }))).toContain(
      'unknown',
    )
  })
})

test('registry options belong to the name below them; another name takes none over', async () => {
  const text = `const plugins = [{ name: 'one', registry: () => ({}) }, { name: 'two', registry: () => ({}) }]
    export default { plugins, registry: { name: 'one', deep: { a: 1, b: 2 } }, profiles: {
      same: { registry: { deep: { b: 3 } } }, other: { registry: { name: 'two' } }, plain: { registry: 'two' } } }`
  const folder = await workspace({ 'micro.config.js': text })
  const registry = async (...argv: string[]) => (await load(folder, { argv })).settings.registry
  expect(await registry()).toMatchObject({ name: 'one', options: { deep: { a: 1, b: 2 } } })
  expect(await registry('--profile=same')).toMatchObject({ name: 'one', options: { deep: { a: 1, b: 3 } } })
  expect(await registry('--profile=other')).toEqual({ kind: 'named', name: 'two', options: {} })
  expect(await registry('--profile=plain')).toEqual({ kind: 'named', name: 'two', options: {} })
  const address = { name: 'two', options: { address: 'x' } }
  expect(await registry('--profile=plain', '--registry_address=x')).toMatchObject(address)
  expect(await registry('--registry=memory')).toEqual({ kind: 'named', name: 'memory', options: {} })
})
