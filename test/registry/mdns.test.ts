import { setTimeout as wait } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { TYPE } from '../../src/registry/mdns/dns-message.js'
import { Lookups } from '../../src/registry/mdns/lookups.js'
import { writeNodeText } from '../../src/registry/mdns/node-text.js'
import { OtherNodes } from '../../src/registry/mdns/other-nodes.js'
import { writeResponse } from '../../src/registry/mdns/write-message.js'
import { mdnsRegistry } from '../../src/registry/mdns.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Node, Registry, Service } from '../../src/registry/registry.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'
import { type Heard, MdnsPeer, mdnsPort } from '../kit/mdns-peer.js'

const open: { close(): unknown }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

function sidecar(port: number, options: { domain?: string; interface?: string } = {}): Registry {
  const registry = mdnsRegistry({ interface: '127.0.0.1', ...options, port })
  open.push(registry)
  return registry
}

async function peer(port: number): Promise<MdnsPeer> {
  const joined = await MdnsPeer.join(port)
  open.push(joined)
  return joined
}

function service(name: string, ids: readonly string[], fields: Partial<Node & Service> = {}): Service {
  const { address = '10.0.0.1', port = 9090, metadata = {}, ...rest } = fields
  const nodes = ids.map((id) => ({ id, address, port, metadata }))
  return { name, version: '1', metadata: {}, endpoints: [], nodes, ...rest }
}

/** As go-micro announces the first node of a service. */
function announcement(of: Service, ttl = 120, domain = 'local', id = 0, questions: Heard['questions'] = []): Buffer {
  const [node] = of.nodes
  if (node === undefined) throw new Error('no node')
  const name = `${node.id}.${of.name}.${domain}`
  return writeResponse(id, questions, [
    { type: 'PTR', name: `${of.name}.${domain}`, ttl, target: name },
    { type: 'SRV', name, ttl, port: node.port, target: 'host' },
    { type: 'A', name: 'host', ttl, address: node.address },
    { type: 'TXT', name, ttl, strings: writeNodeText(of, node) },
  ])
}

async function ids(registry: Registry, name: string): Promise<string[]> {
  return (await registry.getService(name)).flatMap(({ nodes }) => nodes.map(({ id }) => id)).sort()
}

function events(registry: Registry): string[] {
  const seen: string[] = []
  registry.watch(({ action, service: { name, nodes } }) => {
    seen.push(`${action} ${name}: ${nodes.map(({ id }) => id).sort()}`)
  })
  return seen
}

/** However busy the machine is. */
function soon(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 10_000, interval: 20 })
}

registryConformance('mdns', () => mdnsRegistry({ interface: '127.0.0.1', port: mdnsPort() }), { test })

describe('two sidecars without a server', () => {
  it('find each other, whoever came first', async () => {
    const port = mdnsPort()
    const [one, other] = [sidecar(port), sidecar(port)]
    await one.register(service('a', ['a1']))
    await soon(async () => expect(await ids(other, 'a')).toEqual(['a1']))
    await other.register(service('b', ['b1']))
    await soon(async () => expect(await ids(one, 'b')).toEqual(['b1']))
    expect(one.status?.()).toEqual({ state: 'ok', age: 0 })
  })

  it('hear at once of what comes, changes and goes', async () => {
    const port = mdnsPort()
    const [one, other] = [sidecar(port), sidecar(port)]
    const seen = events(other)
    expect(await other.getService('a')).toEqual([])
    await one.register(service('a', ['a1']))
    await soon(() => expect(seen).toEqual(['create a: a1']))
    await one.register(service('a', ['a2']))
    await soon(() => expect(seen.at(-1)).toBe('update a: a1,a2'))
    await one.register(service('a', ['a2'], { port: 9091 }))
    await soon(() => expect(seen).toHaveLength(3))
    await one.deregister(service('a', ['a1']))
    await soon(() => expect(seen.at(-1)).toBe('update a: a2'))
    await one.close()
    await soon(() => expect(seen.at(-1)).toBe('delete a: a2'))
    expect(seen).toHaveLength(5)
  })

  it('list what the other has', async () => {
    const port = mdnsPort()
    const one = sidecar(port)
    await one.register(service('go.micro.srv.a', ['a1']))
    await one.register(service('go.micro.srv.b', ['b1']))
    const names = (await sidecar(port).listServices()).map(({ name }) => name)
    expect(names.sort()).toEqual(['go.micro.srv.a', 'go.micro.srv.b'])
  })

  it('R14: a ttl ends at the other too, without a word more', async () => {
    const port = mdnsPort()
    const [one, other] = [sidecar(port), sidecar(port)]
    const seen = events(other)
    await one.register(service('a', ['a1']), { ttl: 300 })
    await soon(() => expect(seen).toEqual(['create a: a1']))
    await soon(() => expect(seen).toEqual(['create a: a1', 'delete a: a1']))
  })

  it('with one id between them: what one takes away, the other still has', async () => {
    const port = mdnsPort()
    const [one, other, third] = [sidecar(port), sidecar(port), sidecar(port)]
    await one.register(service('a', ['a1']))
    await other.register(service('a', ['a1']))
    await soon(async () => expect(await ids(third, 'a')).toEqual(['a1']))
    const seen = events(third)
    await one.deregister(service('a', ['a1']))
    await soon(() => expect(seen).toEqual(['delete a: a1', 'create a: a1']))
  })
})

describe('asking', () => {
  it('waits for nothing when a service is known', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    events(registry)
    await other.say(announcement(service('a', ['a1'])))
    await soon(async () => expect(await ids(registry, 'a')).toEqual(['a1']))
    let isHere = false
    void registry.getService('a').then(() => {
      isHere = true
    })
    await new Promise<void>((resolve) => process.nextTick(() => queueMicrotask(resolve)))
    expect(isHere).toBe(true)
  })

  it('waits for one query when it is not, shared by all who ask, and remembers that nobody answered', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.getService('first')
    const asked = () => other.heard.filter(({ questions }) => questions[0]?.name === 'nobody.micro').length
    const begun = performance.now()
    const answers = await Promise.all(Array.from({ length: 50 }, () => registry.getService('nobody')))
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(answers.flat()).toEqual([])
    expect(asked()).toBe(2)
    await registry.getService('nobody')
    await wait(50)
    expect(asked()).toBe(2)
  })

  it('takes an answer to the asker alone, and to both domains at once', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    const found = registry.getService('a')
    const query = await other.asks(({ name }) => name === 'a.local')
    expect(query.questions.map(({ name, type }) => [name, type])).toEqual([
      ['a.micro', TYPE.PTR],
      ['a.local', TYPE.PTR],
    ])
    await other.answer(announcement(service('a', ['a1'])), query.from)
    expect((await found).flatMap(({ nodes }) => nodes.map(({ id }) => id))).toEqual(['a1'])
  })

  it('S12: made-up names go out to the network only so often', async () => {
    const sent: string[] = []
    const lookups = new Lookups((name) => sent.push(name))
    await Promise.all(Array.from({ length: 2000 }, (_, i) => lookups.find(`made.up.${i}`)))
    expect(new Set(sent).size).toBe(100)
    lookups.close()
  })

  it('is not done for what no message can hold', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    for (const name of ['', '.', 'a..b', 'x'.repeat(64), 'a.'.repeat(200), '_services']) {
      expect(await registry.getService(name)).toEqual([])
    }
    expect(other.heard.filter(({ questions }) => questions[0]?.name !== '_services.micro')).toEqual([])
  })

  it('is done again before a node ends, and ends it when nobody answers', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    const seen = events(registry)
    const begun = performance.now()
    await other.say(announcement(service('a', ['a1']), 2))
    await soon(() => expect(seen).toEqual(['create a: a1']))
    const late = ({ at, questions }: Heard) => questions[0]?.name === 'a.micro' && at - begun > 1500
    const query = await other.hears(late)
    await other.answer(announcement(service('a', ['a1']), 1), query.from)
    await soon(() => expect(seen).toEqual(['create a: a1', 'delete a: a1']))
    expect(performance.now() - begun).toBeGreaterThan(2400)
  })
})

describe('answering', () => {
  it('repeats the question and its number, one node a message, in the order of go-micro', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.register(service('go.micro.srv.a', ['a1', 'a2']))
    await other.hears(({ isResponse }) => isResponse)
    other.heard.length = 0
    const query = writeResponse(0, [{ name: 'go.micro.srv.a.micro', type: TYPE.PTR, class: 1 }], [])
    query.writeUInt16BE(0x1234, 0)
    query.writeUInt16BE(0, 2)
    await other.say(query)
    await soon(() => expect(other.heard.filter(({ id }) => id === 0x1234)).toHaveLength(3))
    const [first, second] = other.heard.filter(({ isResponse, id }) => isResponse && id === 0x1234)
    expect(first?.questions).toEqual([{ name: 'go.micro.srv.a.micro', type: TYPE.PTR, class: 1 }])
    expect(first?.records.map(({ type, ttl }) => `${type} ${ttl}`)).toEqual(['PTR 120', 'SRV 120', 'A 120', 'TXT 120'])
    expect(second?.records.find(({ type }) => type === 'SRV')?.name).toBe('a2.go.micro.srv.a.micro')
  })

  it('tells the names of services as go-micro does', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.register(service('go.micro.srv.a', ['a1']))
    await other.ask('_services.local')
    const { records } = await other.hears(({ records }) => records[0]?.name === '_services.local')
    const name = 'go.micro.srv.a._services.local'
    expect(records).toMatchObject([
      { type: 'PTR', target: name },
      { type: 'SRV', name, port: 9999 },
      { type: 'A', address: '0.0.0.0' },
      { type: 'TXT', name },
    ])
  })

  it('knows its nodes by their own names', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.register(service('go.micro.srv.a', ['a.1'], { address: '2001:db8::1' }))
    const types = async (type: number) => {
      other.heard.length = 0
      await other.ask('a.1.go.micro.srv.a.local', type)
      const { records } = await other.hears(({ isResponse, questions }) => isResponse && questions[0]?.type === type)
      return records.map((record) => record.type)
    }
    expect(await types(TYPE.SRV)).toEqual(['SRV', 'AAAA'])
    expect(await types(TYPE.TXT)).toEqual(['TXT'])
    expect(await types(TYPE.ANY)).toEqual(['SRV', 'AAAA', 'TXT'])
  })

  it('announces from the port of all', async () => {
    const port = mdnsPort()
    const registry = sidecar(port)
    await registry.register(service('a', ['a1'], { version: 'one' }))
    const [third, fourth] = [sidecar(port), await peer(port)]
    events(third)
    await fourth.hears(({ isResponse }) => isResponse)
    const announced = fourth.heard.filter(({ isResponse }) => isResponse)
    expect(announced.every(({ from }) => from.port === port)).toBe(true)
  })

  it('one domain alone is spoken where one is chosen', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port, { domain: 'local.' }), await peer(port)]
    await registry.register(service('a', ['a1']))
    await registry.getService('b')
    await other.asks(({ name }) => name === 'b.local')
    await other.ask('a.micro')
    await other.ask('a.local')
    await other.hears(({ questions, isResponse }) => isResponse && questions[0]?.name === 'a.local')
    const names = other.heard.flatMap(({ records, questions }) => [...records, ...questions].map(({ name }) => name))
    expect(names.filter((name) => name.endsWith('.micro'))).toEqual(['a.micro'])
    await other.say(announcement(service('c', ['c1']), 120, 'micro'))
    await other.say(announcement(service('d', ['d1']), 120, 'local'))
    await soon(async () => expect(await ids(registry, 'd')).toEqual(['d1']))
    expect(await ids(registry, 'c')).toEqual([])
  })

  it('announces three times in the first seconds, and withdraws with a ttl of 0 in both domains', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.register(service('a', ['a1']))
    const instances = (domain: string, ttl: number) =>
      other.heard.filter(({ records }) => records.some((one) => one.name === `a1.a.${domain}` && one.ttl === ttl))
    await soon(() => expect(instances('micro', 120)).toHaveLength(3))
    expect(instances('local', 120)).toHaveLength(3)
    await registry.deregister(service('a', ['a1']))
    await soon(() => expect(instances('local', 0).length + instances('micro', 0).length).toBe(2))
  })

  it('leaves nothing behind when a node goes as soon as it came', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.listServices()
    const seen = events(registry)
    for (let i = 0; i < 20; i++) {
      await registry.register(service('a', ['a1']))
      await registry.deregister(service('a', ['a1']))
    }
    await other.hears(({ records }) => records.some(({ ttl }) => ttl === 0))
    await wait(100)
    expect(seen).toEqual(Array.from({ length: 20 }, () => ['create a: a1', 'delete a: a1']).flat())
    expect(await ids(registry, 'a')).toEqual([])
  })
})

describe('registering', () => {
  it('a name is announced by the addresses that it has', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), sidecar(port)]
    await registry.register(service('a', ['a1'], { address: 'localhost' }))
    expect((await registry.getService('a'))[0]?.nodes[0]?.address).toBe('localhost')
    await soon(async () => expect((await other.getService('a'))[0]?.nodes[0]?.address).toBe('127.0.0.1'))
    const nowhere = service('b', ['b1'], { address: 'no-such-host.invalid' })
    await expect(registry.register(nowhere)).rejects.toMatchObject({ code: 400 })
    expect(await registry.getService('b')).toEqual([])
  })

  it.each([
    ['a..b', 'id'],
    ['x'.repeat(64), 'id'],
    ['a', 'y'.repeat(64)],
    ['a.'.repeat(60), 'id.'.repeat(60)],
    ['_services', 'id'],
  ])('%s with %s cannot be announced, and is refused', async (name, id) => {
    const registry = sidecar(mdnsPort())
    await expect(registry.register(service(name, [id]))).rejects.toMatchObject({ code: 400 })
    expect(await registry.listServices()).toEqual([])
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a ttl of %d is refused', async (ttl) => {
    const registry = sidecar(mdnsPort())
    await expect(registry.register(service('a', ['a1']), { ttl })).rejects.toMatchObject({ code: 400 })
  })
})

describe('S21: a hostile network', () => {
  it('changes nothing of what is registered here', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    await registry.register(service('a', ['a1']))
    const seen = events(registry)
    await other.say(announcement(service('a', ['a1'], { address: '10.6.6.6' })))
    await other.say(announcement(service('a', ['a1']), 0))
    await other.say(announcement(service('b', ['b1'])))
    await soon(() => expect(seen).toEqual(['create b: b1']))
    expect((await registry.getService('a'))[0]?.nodes[0]?.address).toBe('10.0.0.1')
  })

  it('cannot end the process, or add what is none of go-micro', async () => {
    const port = mdnsPort()
    const [registry, other] = [sidecar(port), await peer(port)]
    const seen = events(registry)
    await registry.listServices()
    const good = announcement(service('a', ['a1']))
    const evil = Array.from({ length: 300 }, (_, i) => {
      const bytes = Buffer.from(good)
      bytes[(i * 31) % bytes.length] = (i * 7) % 256
      return i % 3 === 0 ? Buffer.alloc(i, i) : i % 3 === 1 ? good.subarray(0, i) : bytes
    })
    for (const [i, bytes] of evil.entries()) {
      await other.say(bytes)
      if (i % 50 === 0) await wait(5)
    }
    await other.say(announcement(service('b', ['b1']), 120, 'example'))
    await soon(async () => {
      await other.say(announcement(service('z', ['z1'])))
      expect(seen).toContain('create z: z1')
    })
    expect(seen.filter((event) => event.includes(' b:'))).toEqual([])
  })

  it('fills no memory: nodes beyond 10,000 are left out, which is said once', async () => {
    const onFull = vi.fn()
    const table = memoryRegistry()
    const nodes = new OtherNodes({ domains: ['micro', 'local'], table, refresh: () => {}, onFull })
    const hear = (i: number, ttl = 120) => {
      const text = deflateSync('{"Service":"a"}').toString('hex')
      nodes.hear({ name: `n${i}.a.micro`, ttl, place: { address: '10.0.0.1', port: 80 }, text })
    }
    for (let i = 0; i < 10_100; i++) hear(i)
    expect(onFull).toHaveBeenCalledTimes(1)
    expect(await ids(table, 'a')).toHaveLength(10_000)
    hear(0, 0)
    hear(10_050)
    expect(await ids(table, 'a')).toContain('n10050')
    nodes.clear()
  })
})

it('an interface that is not there is said, and looked for again', async () => {
  const warn = vi.fn()
  const registry = mdnsRegistry({ interface: 'nothing0', port: mdnsPort(), log: { warn } })
  open.push(registry)
  expect(await registry.getService('a')).toEqual([])
  expect(warn.mock.calls).toEqual([['mdns: there is no nothing0 to be found on']])
  expect(registry.status?.().state).toBe('down')
  await registry.register(service('a', ['a1']))
  expect(await ids(registry, 'a')).toEqual(['a1'])
})
