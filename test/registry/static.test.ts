import { appendFile, mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { ConfigError } from '../../src/errors.js'
import type { Registry } from '../../src/registry/registry.js'
import { type StaticOptions, staticRegistry } from '../../src/registry/static.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'
import { DnsServer } from '../kit/dns-server.js'

let folder: string
const open: { close(): unknown }[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'static-'))
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
  await rm(folder, { recursive: true })
})

function listed(options: StaticOptions): Registry {
  const registry = staticRegistry(options)
  open.push(registry)
  return registry
}

function service(name: string, ...ids: string[]) {
  return { name, nodes: ids.map((id) => ({ id, address: '10.0.0.1', port: 80 })) }
}

function removal(name: string, id: string) {
  const nodes = [{ id, address: '10.0.0.9', port: 90, metadata: {} }]
  return { name, version: '', metadata: {}, endpoints: [], nodes }
}

async function ids(registry: Registry, name: string): Promise<string[]> {
  return (await registry.getService(name)).flatMap(({ nodes }) => nodes.map(({ id }) => id)).sort()
}

function events(registry: Registry): string[] {
  const seen: string[] = []
  registry.watch(({ action, service: { name, version, nodes } }) => {
    seen.push(`${action} ${name} ${version}: ${nodes.map(({ id }) => id).sort()}`)
  })
  return seen
}

function log() {
  return { info: vi.fn<(msg: string) => void>(), warn: vi.fn<(msg: string) => void>() }
}

/** However busy the machine is. */
function soon(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 10_000, interval: 20 })
}

registryConformance('static', () => staticRegistry({ services: [service('other', 'o1')] }), { test })

describe('a list in the configuration', () => {
  it("is read as the registry's JSON is", async () => {
    const registry = listed({
      services: [
        { Name: 'a', Version: '1', nodes: [{ Id: 'a1', Address: '10.0.0.1:8080', metadata: { weight: '2' } }] },
        { name: 'a', version: '2', nodes: [{ id: 'a2', address: '::1', port: 1 }] },
      ],
    })
    expect((await registry.getService('a')).map(({ version, nodes }) => [version, { ...nodes[0] }])).toEqual([
      ['1', { id: 'a1', address: '10.0.0.1', port: 8080, metadata: { weight: '2' } }],
      ['2', { id: 'a2', address: '::1', port: 1, metadata: {} }],
    ])
    expect((await registry.listServices()).map(({ name }) => name)).toEqual(['a', 'a'])
    expect(registry.status?.()).toEqual({ state: 'ok', age: 0 })
  })

  it('with faults is no configuration: each is named', () => {
    const services = [
      service('a', 'a1'),
      { name: 'b', nodes: [{ id: 'b1', address: '10.0.0.1', port: 70_000 }] },
      7,
      { nodes: [] },
      service('a', 'a1'),
      { name: 'c', nodes: [{ id: 'c1', address: '_http._tcp.c.example', port: 80 }] },
    ]
    let fault: unknown
    try {
      staticRegistry({ services })
    } catch (error) {
      fault = error
    }
    expect(fault).toBeInstanceOf(ConfigError)
    expect(String(fault)).toMatchInlineSnapshot(`
      "ConfigError: config  registry.services[1]: nodes[0].port must be a whole number from 1 to 65535, not 70000
      config  registry.services[2]: the service must be an object, not 7
      config  registry.services[3]: name must be a string of 1 to 255 characters, not absent
      config  registry.services[5]: nodes[0].port must be absent, as SRV records tell the port, not 80
      config  registry.services[4]: a node a1 of a stands in the list twice"
    `)
  })

  it('S21: of more than 10,000 nodes is refused', () => {
    const many = Array.from({ length: 10_001 }, (_, i) => `n${i}`)
    expect(() => staticRegistry({ services: [service('a', ...many.slice(1))] })).not.toThrow()
    expect(() =>
      staticRegistry({ services: [service('a', ...many.slice(5000)), service('b', ...many.slice(0, 5001))] }),
    ).toThrow(/10002 nodes, allowed: up to 10000/)
  })

  it('stands: its nodes can be neither replaced nor removed, those beside it can', async () => {
    const registry = listed({ services: [service('a', 'a1')], file: 'none.json', log: log() })
    const refused = { code: 409, detail: expect.stringMatching(/a1 of a stands in the static list.*none\.json/) }
    await expect(registry.register(removal('a', 'a1'))).rejects.toMatchObject(refused)
    await expect(registry.deregister(removal('a', 'a1'))).rejects.toMatchObject(refused)
    await registry.register(removal('a', 'a2'), { ttl: 50 })
    expect(await ids(registry, 'a')).toEqual(['a1', 'a2'])
    await soon(async () => expect(await ids(registry, 'a')).toEqual(['a1']))
  })
})

describe('a file', () => {
  const yaml = `- name: a
  version: "1"
  nodes:
    - { id: a1, address: 10.0.0.1, port: 80 }
`

  it.each([
    ['list.json', JSON.stringify([service('a', 'a1')])],
    ['object.json', JSON.stringify({ services: [service('a', 'a1')] })],
    ['list.yaml', yaml],
    ['object.yml', `services:\n${yaml.replaceAll(/^/gm, '  ')}`],
    ['list', yaml],
  ])('%s is read before the first answer', async (name, text) => {
    await writeFile(join(folder, name), text)
    expect(await ids(listed({ file: join(folder, name) }), 'a')).toEqual(['a1'])
  })

  it('is read again when it changes: what is different is told', async () => {
    const file = join(folder, 'services.json')
    await writeFile(file, JSON.stringify([service('a', 'a1', 'a2'), service('b', 'b1')]))
    const told = log()
    const registry = listed({ file, log: told, services: [service('own', 'o1')] })
    expect(await ids(registry, 'a')).toEqual(['a1', 'a2'])
    const seen = events(registry)
    await writeFile(file, JSON.stringify([service('a', 'a2', 'a3'), { ...service('c', 'c1'), version: '2' }]))
    await soon(() => expect(seen).toHaveLength(4))
    expect(seen).toEqual(['update a : a1,a2,a3', 'create c 2: c1', 'update a : a2,a3', 'delete b : b1'])
    expect(await ids(registry, 'own')).toEqual(['o1'])
    expect(told.info.mock.calls.flat()).toEqual([
      `static: ${file} lists 2 services`,
      `static: ${file} lists 2 services`,
    ])
    expect(told.warn).not.toHaveBeenCalled()
  })

  it('may be replaced by another, as editors do', async () => {
    const file = join(folder, 'services.json')
    await writeFile(file, JSON.stringify([service('a', 'a1')]))
    const registry = listed({ file })
    expect(await ids(registry, 'a')).toEqual(['a1'])
    for (const id of ['a2', 'a3']) {
      await writeFile(`${file}~`, JSON.stringify([service('a', id)]))
      await rename(`${file}~`, file)
      await soon(async () => expect(await ids(registry, 'a')).toEqual([id]))
    }
  })

  it('may be a link to a link that is turned, as in a mounted config map', async () => {
    for (const [name, id] of [
      ['one', 'a1'],
      ['two', 'a2'],
    ] as const) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'services.json'), JSON.stringify([service('a', id)]))
    }
    await symlink('one', join(folder, '..data'))
    await symlink(join('..data', 'services.json'), join(folder, 'services.json'))
    const registry = listed({ file: join(folder, 'services.json') })
    expect(await ids(registry, 'a')).toEqual(['a1'])
    await symlink('two', join(folder, '..tmp'))
    await rename(join(folder, '..tmp'), join(folder, '..data'))
    await soon(async () => expect(await ids(registry, 'a')).toEqual(['a2']))
  })

  it('may change where no event of its folder tells of it', async () => {
    await mkdir(join(folder, 'far'))
    await writeFile(join(folder, 'far', 'services.json'), JSON.stringify([service('a', 'a1')]))
    await symlink(join('far', 'services.json'), join(folder, 'services.json'))
    const registry = listed({ file: join(folder, 'services.json') })
    expect(await ids(registry, 'a')).toEqual(['a1'])
    await writeFile(join(folder, 'far', 'services.json'), JSON.stringify([service('a', 'a2')]))
    await soon(async () => expect(await ids(registry, 'a')).toEqual(['a2']))
  })

  it('that is broken keeps the old list and says why, once, with its place', async () => {
    const file = join(folder, 'services.yaml')
    await writeFile(file, yaml)
    const told = log()
    const registry = listed({ file, log: told })
    expect(await ids(registry, 'a')).toEqual(['a1'])
    const seen = events(registry)
    const said = async (text: string, message: string) => {
      await writeFile(file, text)
      await soon(() => expect(told.warn.mock.calls.at(-1)?.[0]).toContain(message))
    }
    await said(
      `${yaml}- name: b\n  nodes: 7\n`,
      `static: ${file}:5:3  [1]: nodes must be a list, not 7; its last good list stays`,
    )
    await writeFile(file, `${yaml}- name: b\n  nodes: 7\n`)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(told.warn).toHaveBeenCalledTimes(1)
    await said(`${yaml}  nodes: [`, `static: ${file}:5:11  no valid YAML: Flow sequence`)
    await said('', `static: ${file}  found no list`)
    await said('a: 1', `static: ${file}  found no list`)
    expect(registry.status?.()).toMatchObject({ state: 'stale' })
    expect(registry.status?.().age).toBeGreaterThan(0)
    await unlink(file)
    await soon(() => expect(told.warn.mock.calls.at(-1)?.[0]).toContain('there is no such file'))
    expect(await ids(registry, 'a')).toEqual(['a1'])
    expect(seen).toEqual([])
    await writeFile(file, yaml)
    await soon(() => expect(registry.status?.()).toEqual({ state: 'ok', age: 0 }))
    await appendFile(file, '- { name: b, nodes: [{ id: b1, address: 10.0.0.1, port: 80 }] }\n')
    await soon(() => expect(seen).toEqual(['create b : b1']))
  })

  it('that is not there yet is waited for', async () => {
    const file = join(folder, 'later', 'services.json')
    const told = log()
    const registry = listed({ file, log: told })
    expect(await registry.getService('a')).toEqual([])
    expect(registry.status?.().state).toBe('down')
    expect(told.warn.mock.calls).toEqual([[`static: ${file}  there is no such file; nothing is known from it yet`]])
    await mkdir(join(folder, 'later'))
    await writeFile(file, JSON.stringify([service('a', 'a1')]))
    await soon(async () => expect(await ids(registry, 'a')).toEqual(['a1']))
  })

  it('may not name a node that the configuration has', async () => {
    const file = join(folder, 'services.json')
    await writeFile(file, JSON.stringify([service('a', 'a1', 'a2')]))
    const told = log()
    expect(await ids(listed({ file, log: told, services: [service('a', 'a1')] }), 'a')).toEqual(['a1'])
    expect(told.warn.mock.calls.flat()).toEqual([
      expect.stringContaining('node a1 of a stands in registry.services too'),
    ])
  })

  it('takes over a node that was registered beside it, ttl and all', async () => {
    const file = join(folder, 'services.json')
    await writeFile(file, '[]')
    const registry = listed({ file })
    await registry.register(removal('a', 'a1'), { ttl: 400 })
    const seen = events(registry)
    await writeFile(file, JSON.stringify([service('a', 'a1')]))
    await soon(() => expect(seen).toEqual(['update a : a1']))
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await registry.getService('a'))[0]?.nodes[0]?.address).toBe('10.0.0.1')
  })

  it('leaves no watch and no timer behind', async () => {
    const file = join(folder, 'services.json')
    await writeFile(file, '[]')
    const before = process.getActiveResourcesInfo().filter((each) => /FSEvent|Timeout/.test(each)).length
    const registry = staticRegistry({
      file,
      services: [{ name: 'a', nodes: [{ id: 'a', address: 'a.invalid', port: 1 }] }],
    })
    await registry.getService('a')
    await registry.close()
    expect(process.getActiveResourcesInfo().filter((each) => /FSEvent|Timeout/.test(each)).length).toBeLessThanOrEqual(
      before,
    )
  })
})

describe('names as addresses', () => {
  const named = (id: string, address: string, port?: number) => ({ name: 'a', nodes: [{ id, address, port }] })
  const a = (name: string, address: string) =>
    ({ type: address.includes(':') ? 'AAAA' : 'A', name, ttl: 1, address }) as const
  let server: DnsServer

  beforeEach(async () => {
    server = await DnsServer.listen()
    open.push(server)
  })

  function resolving(services: readonly unknown[], told = log()): Registry {
    return listed({ services, resolver: server.resolver(), lookupInterval: 50, log: told })
  }

  it('every record is a node, there at the first question', async () => {
    server.records = [a('a.example', '10.0.0.2'), a('a.example', '10.0.0.1'), a('a.example', '2001:db8::1')]
    const [found] = await resolving([{ ...named('a', 'a.example', 80), version: '1' }]).getService('a')
    expect(found?.nodes.map(({ id, address, port }) => [id, address, port])).toEqual([
      ['a-10.0.0.1', '10.0.0.1', 80],
      ['a-10.0.0.2', '10.0.0.2', 80],
      ['a-2001:db8::1', '2001:db8::1', 80],
    ])
  })

  it('are looked up again: what changes is told, what only turns is not', async () => {
    server.records = [a('a.example', '10.0.0.1'), a('a.example', '10.0.0.2')]
    const registry = resolving([named('a', 'a.example', 80)])
    expect(await ids(registry, 'a')).toEqual(['a-10.0.0.1', 'a-10.0.0.2'])
    const seen = events(registry)
    const again = server.asked + 4
    server.records = [...server.records].reverse()
    await soon(() => expect(server.asked).toBeGreaterThan(again))
    expect(seen).toEqual([])
    server.records = [a('a.example', '10.0.0.2'), a('a.example', '10.0.0.3')]
    await soon(() => expect(seen).toHaveLength(2))
    expect(seen.at(-1)).toBe('update a : a-10.0.0.2,a-10.0.0.3')
  })

  it('that fail to resolve keep the last good answer; an empty answer leaves no node', async () => {
    server.records = [a('a.example', '10.0.0.1')]
    const told = log()
    const registry = resolving([named('a', 'a.example', 80)], told)
    expect(await ids(registry, 'a')).toEqual(['a-10.0.0.1'])
    server.fails = true
    await soon(() =>
      expect(told.warn.mock.calls.flat()).toEqual([expect.stringMatching(/^static: a\.example does not resolve: /)]),
    )
    expect(await ids(registry, 'a')).toEqual(['a-10.0.0.1'])
    expect(registry.status?.().state).toBe('stale')
    server.fails = false
    await soon(() => expect(told.info).toHaveBeenCalledWith('static: a.example resolves again'))
    expect(registry.status?.()).toEqual({ state: 'ok', age: 0 })
    server.records = []
    await soon(async () => expect(await registry.getService('a')).toEqual([]))
    expect(told.warn).toHaveBeenLastCalledWith('static: a.example does not resolve: it has no records')
  })

  it('of SRV records tell the ports: the first priority counts, weights go along', async () => {
    const srv = (target: string, port: number) =>
      ({ type: 'SRV', name: '_http._tcp.a.example', ttl: 1, target, port }) as const
    server.records = [
      srv('one.example', 8001),
      srv('two.example', 8002),
      a('one.example', '10.0.0.1'),
      a('two.example', '10.0.0.2'),
      a('two.example', '2001:db8::2'),
    ]
    const [found] = await resolving([named('a', '_http._tcp.a.example')]).getService('a')
    expect(found?.nodes.map(({ id, address, port, metadata }) => [id, address, port, metadata.weight])).toEqual([
      ['a-10.0.0.1:8001', '10.0.0.1', 8001, '1'],
      ['a-10.0.0.2:8002', '10.0.0.2', 8002, '1'],
      ['a-[2001:db8::2]:8002', '2001:db8::2', 8002, '1'],
    ])
  })

  it('localhost is left to whoever connects', async () => {
    const registry = resolving([named('a', 'localhost', 80)])
    expect((await registry.getService('a'))[0]?.nodes[0]).toMatchObject({ id: 'a', address: 'localhost', port: 80 })
    expect(server.asked).toBe(0)
  })

  it('that hang hold up neither the list nor its end for long', async () => {
    const resolver = { addresses: () => new Promise<string[]>(() => {}), services: async () => [] }
    const registry = listed({
      services: [named('a', 'a.example', 80), service('b', 'b1')],
      resolver,
      lookupInterval: 20,
    })
    const begun = performance.now()
    expect(await ids(registry, 'b')).toEqual(['b1'])
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(await registry.getService('a')).toEqual([])
  })
})

it('the priority of SRV records counts before their weight', async () => {
  const resolver = {
    addresses: async (name: string) => [name === 'near' ? '10.0.0.1' : '10.0.0.2'],
    services: async () => [
      { name: 'far', port: 1, priority: 20, weight: 5 },
      { name: 'near', port: 2, priority: 10, weight: 0 },
      { name: '', port: 3, priority: 10, weight: 0 },
    ],
  }
  const services = [{ name: 'a', nodes: [{ id: 'a', address: '_a._tcp.example' }] }]
  const [found] = await listed({ services, resolver }).getService('a')
  expect(found?.nodes.map(({ id, metadata }) => [id, metadata.weight])).toEqual([['a-10.0.0.1:2', undefined]])
})
