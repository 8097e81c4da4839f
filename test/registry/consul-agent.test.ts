import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { deflateSync, inflateSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Timing } from '../../src/registry/consul/timing.js'
import { type ConsulOptions, consulRegistry } from '../../src/registry/consul.js'
import type { Registry, Service } from '../../src/registry/registry.js'
import { ConsulAgent, describeWithConsul, freePorts } from '../support/consul-agent.js'

const open: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
})

function registryAt(address: string, options: ConsulOptions = {}, timing: Partial<Timing> = {}): Registry {
  const registry = consulRegistry({ address, ...options }, timing)
  open.push(() => registry.close())
  return registry
}

async function started(more: readonly string[] = []): Promise<ConsulAgent> {
  const agent = await ConsulAgent.start(more)
  open.push(() => agent.kill())
  return agent
}

function service(name: string, ids: readonly string[], fields: Partial<Service> = {}): Service {
  const nodes = ids.map((id) => ({ id, address: '127.0.0.1', port: 1000, metadata: {} }))
  return { name, version: '1', metadata: {}, endpoints: [], nodes, ...fields }
}

async function ids(registry: Registry, name: string): Promise<string> {
  const services = await registry.getService(name)
  return services
    .flatMap(({ nodes }) => nodes.map(({ id }) => id))
    .sort()
    .join()
}

/** Milliseconds that it took. */
async function until(check: () => Promise<boolean>, limit = 5000): Promise<number> {
  const begun = performance.now()
  while (!(await check())) {
    if (performance.now() - begun > limit) throw new Error(`not within ${limit} ms`)
    await wait(10)
  }
  return performance.now() - begun
}

const packed = (text: string) => deflateSync(text).toString('hex')
const unpacked = (tag: string) => `${tag.slice(0, 2)}${inflateSync(Buffer.from(tag.slice(2), 'hex'))}`

interface AgentService {
  readonly ID: string
  readonly Service: string
  readonly Tags: string[]
  readonly Address: string
  readonly Port: number
  readonly Meta: object
}

describeWithConsul('with a real Consul', () => {
  let agent: ConsulAgent
  beforeAll(async () => {
    agent = await ConsulAgent.start()
  })
  afterAll(() => agent.kill())

  it('writes what go-micro writes', async () => {
    const registry = registryAt(agent.address)
    const metadata = { protocol: 'mucp', note: '<a&b>' }
    const request = { name: 'Request', type: 'Request', values: [{ name: 'name', type: 'string', values: null }] }
    const endpoints = [{ name: 'Say.Hello', request, response: null, metadata: {} }]
    const nodes = [{ id: 'greeter-1', address: '10.1.2.3', port: 4000, metadata }]
    await registry.register({ name: 'greeter', version: '1.2.3', metadata: {}, endpoints, nodes }, { ttl: 10_000 })
    const found = await agent.ask<AgentService>('agent/service/greeter-1')
    expect(found).toMatchObject({ ID: 'greeter-1', Service: 'greeter', Address: '10.1.2.3', Port: 4000, Meta: {} })
    expect(found.Tags.every((tag) => /^[tev]-789c[\da-f]+$/.test(tag))).toBe(true)
    const value = '{"name":"name","type":"string","values":null}'
    expect(found.Tags.map(unpacked)).toEqual([
      't-{"protocol":"mucp"}',
      't-{"note":"\\u003ca\\u0026b\\u003e"}',
      `e-{"name":"Say.Hello","request":{"name":"Request","type":"Request","values":[${value}]},"response":null,"metadata":null}`,
      'v-1.2.3',
    ])
    const checks = await agent.ask<Record<string, object>>('agent/checks')
    expect(checks['service:greeter-1']).toMatchObject({ Status: 'passing', Type: 'ttl', ServiceID: 'greeter-1' })
    await registry.deregister(service('greeter', ['greeter-1']))
    await expect(agent.ask('agent/service/greeter-1')).rejects.toThrow('404')
  })

  it('reads both forms of tags, and services that are not of go-micro', async () => {
    const endpoint = '{"name":"Say.Hello","request":null,"response":null,"metadata":{"stream":"true"}}'
    const Tags = [`t-${packed('{"protocol":"mucp"}')}`, `e-${packed(endpoint)}`, `v-${packed('2.0.0')}`]
    const old = ['t={"server":"rpc"}', `e=${endpoint}`, 'v=1.0.0']
    await agent.ask('agent/service/register', { ID: 'both-new', Name: 'both', Address: '10.0.0.1', Port: 1, Tags })
    await agent.ask('agent/service/register', { ID: 'both-old', Name: 'both', Port: 2, Tags: old })
    await agent.ask('agent/service/register', { ID: 'both-db', Name: 'both', Port: 3, Tags: ['primary', 'v1'] })
    const services = await registryAt(agent.address).getService('both')
    const facts = services.map(({ version, endpoints, nodes }) => [version, endpoints.length, { ...nodes[0] }])
    expect(facts).toEqual(
      expect.arrayContaining([
        ['2.0.0', 1, { id: 'both-new', address: '10.0.0.1', port: 1, metadata: { protocol: 'mucp' } }],
        ['1.0.0', 1, { id: 'both-old', address: '127.0.0.1', port: 2, metadata: { server: 'rpc' } }],
        ['', 0, { id: 'both-db', address: '127.0.0.1', port: 3, metadata: {} }],
      ]),
    )
  })

  it('sees within a second what happens elsewhere, without being asked in between', async () => {
    const registry = registryAt(agent.address)
    const Check = { TTL: '60s' }
    await agent.ask('agent/service/register', { ID: 'far-1', Name: 'far', Port: 1 })
    expect(await until(async () => (await ids(registry, 'far')) === 'far-1')).toBeLessThan(1500)
    await agent.ask('agent/service/register', { ID: 'far-2', Name: 'far', Port: 2, Check })
    await agent.ask('agent/check/pass/service:far-2', {})
    expect(await until(async () => (await ids(registry, 'far')) === 'far-1,far-2')).toBeLessThan(1000)
    await agent.ask('agent/check/fail/service:far-2', {})
    expect(await until(async () => (await ids(registry, 'far')) === 'far-1')).toBeLessThan(1000)
    await agent.ask('agent/service/deregister/far-1', {})
    expect(await until(async () => (await ids(registry, 'far')) === '')).toBeLessThan(1000)
  })

  it('leaves out nodes whose host is failing, and takes the address of the host where there is no other', async () => {
    const base = { Node: 'elsewhere', Address: '10.9.9.9', Service: { ID: 'db-1', Service: 'db', Port: 5432 } }
    const check = { Node: 'elsewhere', CheckID: 'serfHealth', Name: 'serf' }
    await agent.ask('catalog/register', { ...base, Check: { ...check, Status: 'passing' } })
    const registry = registryAt(agent.address)
    const [found] = await registry.getService('db')
    expect(found?.nodes[0]).toMatchObject({ address: '10.9.9.9', port: 5432 })
    await agent.ask('catalog/register', { ...base, Check: { ...check, Status: 'critical' } })
    expect(await until(async () => (await ids(registry, 'db')) === '')).toBeLessThan(1000)
  })

  it('keeps apart nodes of two services that have one id', async () => {
    const registry = registryAt(agent.address)
    await registry.register(service('twin-a', ['1']), { ttl: 10_000 })
    await registry.register(service('twin-b', ['1']))
    const other = registryAt(agent.address)
    await until(async () => (await ids(other, 'twin-a')) === '1' && (await ids(other, 'twin-b')) === '1')
    await registry.deregister(service('twin-b', ['1']))
    await until(async () => (await ids(other, 'twin-b')) === '')
    expect(await ids(other, 'twin-a')).toBe('1')
    await registry.deregister(service('twin-a', ['1']))
  })

  it('R18: a killed sidecar leaves no ghost, and its next start no second node', async () => {
    const ttl = 3000
    const killed = registryAt(agent.address)
    await killed.register(service('ghost', ['ghost-1']), { ttl })
    const other = registryAt(agent.address)
    expect(await ids(other, 'ghost')).toBe('ghost-1')
    await killed.close()
    expect(await until(async () => (await ids(other, 'ghost')) === '')).toBeLessThan(ttl + 1000)
    await registryAt(agent.address).register(service('ghost', ['ghost-1']), { ttl })
    await until(async () => (await ids(other, 'ghost')) === 'ghost-1')
    expect(await agent.ask<unknown[]>('health/service/ghost')).toHaveLength(1)
  })

  it('tells those who watch of all that happens elsewhere', async () => {
    const registry = registryAt(agent.address)
    await agent.ask('agent/service/register', { ID: 'seen-1', Name: 'seen', Port: 1 })
    const seen: string[] = []
    registry.watch(({ action, service: { name, nodes } }) => {
      if (name === 'seen' || name === 'later') seen.push(`${action} ${nodes.map(({ id }) => id).join()}`)
    })
    await wait(300)
    await agent.ask('agent/service/register', { ID: 'later-1', Name: 'later', Port: 1 })
    await until(async () => seen.at(-1) === 'create later-1', 1000)
    await agent.ask('agent/service/register', { ID: 'seen-2', Name: 'seen', Port: 2 })
    await until(async () => seen.at(-1) === 'update seen-1,seen-2', 1000)
    await agent.ask('agent/service/deregister/later-1', {})
    await until(async () => seen.at(-1) === 'delete later-1', 1000)
    expect(seen).toHaveLength(3)
  })
})

describeWithConsul('R12: Consul goes away', () => {
  /** Asks 200 times a second; collects what was not as it should be. */
  function traffic(registry: Registry, expected: Readonly<Record<string, string>>) {
    const wrong: string[] = []
    let asked = 0
    const timer = setInterval(async () => {
      for (const [name, nodes] of Object.entries(expected)) {
        asked++
        const found = await ids(registry, name).catch((error: Error) => error.message)
        if (found !== nodes) wrong.push(`${name}: ${found}`)
      }
    }, 10)
    return {
      wrong,
      end: () => {
        clearInterval(timer)
        return asked
      },
    }
  }

  it('killed, and back empty: known nodes serve on, own ones are made again, others leave in their time', async () => {
    const agent = await started()
    const registry = registryAt(agent.address, {}, { grace: 6000 })
    await registry.register(service('own', ['own-1', 'own-2']), { ttl: 60_000 })
    await registry.register(service('own', ['own-3']))
    await agent.ask('agent/service/register', { ID: 'other-1', Name: 'other', Port: 1 })
    await agent.ask('agent/service/register', { ID: 'gone-1', Name: 'gone', Port: 1 })
    await until(async () => (await ids(registry, 'own')) === 'own-1,own-2,own-3')
    expect([await ids(registry, 'other'), await ids(registry, 'gone')]).toEqual(['other-1', 'gone-1'])
    const calls = traffic(registry, { own: 'own-1,own-2,own-3', other: 'other-1' })
    await agent.kill()
    await until(async () => registry.status?.().state === 'stale')
    await expect(registry.register(service('late', ['late-1']), { ttl: 60_000 })).rejects.toMatchObject({ code: 503 })
    await wait(3000)
    await agent.start()
    await agent.ask('agent/service/register', { ID: 'other-1', Name: 'other', Port: 1 })
    const made = async () => {
      const found = [...(await agent.ask<unknown[]>('health/service/own?passing'))]
      return found.length === 3 && (await agent.ask<unknown[]>('health/service/late?passing')).length === 1
    }
    expect(await until(made)).toBeLessThan(5000)
    await agent.ask('agent/service/register', { ID: 'new-1', Name: 'new', Port: 1 })
    expect(await until(async () => (await ids(registry, 'new').catch(() => '')) === 'new-1')).toBeLessThan(2000)
    expect(registry.status?.()).toMatchObject({ state: 'ok' })
    await until(async () => (await ids(registry, 'gone')) === '', 8000)
    await wait(500)
    expect(calls.end()).toBeGreaterThan(500)
    expect(calls.wrong).toEqual([])
  })

  it('frozen: known nodes serve on although their ttl lapses in Consul; thawed, changes are seen within 2 s', async () => {
    const agent = await started()
    const registry = registryAt(agent.address)
    await registry.register(service('own', ['own-1']), { ttl: 60_000 })
    const Check = { TTL: '4s' }
    await agent.ask('agent/service/register', { ID: 'theirs-1', Name: 'theirs', Port: 1, Check })
    await agent.ask('agent/check/pass/service:theirs-1', {})
    await until(async () => (await ids(registry, 'own')) === 'own-1')
    await until(async () => (await ids(registry, 'theirs')) === 'theirs-1')
    const calls = traffic(registry, { own: 'own-1', theirs: 'theirs-1' })
    agent.signal('SIGSTOP')
    await until(async () => registry.status?.().state === 'stale', 12_000)
    await expect(registry.getService('unknown')).rejects.toMatchObject({ code: 503 })
    await wait(1000)
    agent.signal('SIGCONT')
    await agent.ready()
    await agent.ask('agent/service/register', { ID: 'fresh-1', Name: 'fresh', Port: 1 })
    expect(await until(async () => (await ids(registry, 'fresh').catch(() => '')) === 'fresh-1')).toBeLessThan(2000)
    await wait(1500)
    await agent.ask('agent/check/pass/service:theirs-1', {})
    await wait(1000)
    calls.end()
    expect(calls.wrong).toEqual([])
  })

  it('not there at the start: a start works, and heals', async () => {
    const agent = await ConsulAgent.make()
    open.push(() => agent.kill())
    const registry = registryAt(agent.address)
    registry.watch(() => {}, { asked: true })
    await expect(registry.getService('any')).rejects.toMatchObject({ code: 503, reason: 'connect' })
    expect(registry.status?.()).toMatchObject({ state: 'down' })
    await expect(registry.register(service('early', ['early-1']), { ttl: 60_000 })).rejects.toMatchObject({ code: 503 })
    expect(await ids(registry, 'early')).toBe('early-1')
    await agent.start()
    await until(async () => (await agent.ask<unknown[]>('health/service/early?passing')).length === 1, 3000)
    expect(registry.status?.()).toMatchObject({ state: 'ok' })
  })
})

describeWithConsul('access to Consul', () => {
  it('with a token, and not without', async () => {
    const token = '11111111-2222-3333-4444-555555555555'
    const acl = `acl { enabled = true default_policy = "deny" tokens { initial_management = "${token}" } }`
    const agent = await started(['-hcl', acl])
    const registry = registryAt(agent.address, { token })
    await until(async () => {
      const done = registry.register(service('secret', ['secret-1']), { ttl: 60_000 })
      return done.then(
        () => true,
        () => false,
      )
    }, 10_000)
    await until(async () => (await ids(registry, 'secret').catch(() => '')) === 'secret-1')
    expect(await ids(registryAt(agent.address), 'secret')).toBe('')
    const outsider = registryAt(agent.address)
    await expect(outsider.register(service('secret', ['secret-2']))).rejects.toMatchObject({ code: 500 })
    await expect(registryAt(agent.address, { token: 'wrong' }).getService('secret')).rejects.toMatchObject({
      code: 503,
    })
  })

  it('in a datacenter', async () => {
    const agent = await started(['-datacenter', 'east'])
    await agent.ask('agent/service/register', { ID: 'here-1', Name: 'here', Port: 1 })
    const registry = registryAt(agent.address, { datacenter: 'east' })
    await until(async () => (await ids(registry, 'here').catch(() => '')) === 'here-1')
    await expect(registryAt(agent.address, { datacenter: 'west' }).getService('here')).rejects.toMatchObject({
      code: 503,
    })
  })

  describe('over https', () => {
    const folder = mkdtempSync(join(tmpdir(), 'consul-tls-'))
    const file = (name: string) => join(folder, name)
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
    beforeAll(() => {
      const days = ['-days', '2', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
      openssl('req', '-x509', ...days, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority')
      writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1,DNS:server.dc1.consul\n')
      for (const name of ['server', 'client']) {
        openssl('req', ...days.slice(2), '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
        const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
        openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing)
      }
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    it('with an authority and a certificate of its own, and not without', async () => {
      const [port = 0] = await freePorts(1)
      const files = `ca_file = "${file('ca.pem')}" cert_file = "${file('server.pem')}" key_file = "${file('server.key')}"`
      const tls = `tls { https { ${files} verify_incoming = true } } ports { https = ${port} }`
      await started(['-hcl', tls])
      const address = `https://127.0.0.1:${port}`
      const own = { ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') }
      const registry = registryAt(address, { tls: own })
      await registry.register(service('safe', ['safe-1']), { ttl: 60_000 })
      await until(async () => (await ids(registry, 'safe')) === 'safe-1')
      const bare = { ca: own.ca }
      await expect(registryAt(address, { tls: bare }).getService('safe')).rejects.toMatchObject({ code: 503 })
      await expect(registryAt(address, {}).getService('safe')).rejects.toThrow(/certificate|self.signed/)
      await expect(registryAt(`127.0.0.1:${port}`).getService('safe')).rejects.toMatchObject({ code: 503 })
    })
  })
})
