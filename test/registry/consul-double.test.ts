import { setTimeout as wait } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { afterEach, describe, expect, it, test } from 'vitest'
import { consulRegistry } from '../../src/registry/consul.js'
import type { Registry } from '../../src/registry/registry.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'
import { ConsulDouble, type Script } from '../support/consul-double.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
})

async function double(): Promise<ConsulDouble> {
  const consul = await ConsulDouble.start()
  open.push(() => consul.close())
  return consul
}

async function registryOf(consul: ConsulDouble, timing: Parameters<typeof consulRegistry>[1] = {}): Promise<Registry> {
  const registry = consulRegistry({ address: consul.address }, timing)
  open.push(() => registry.close())
  return registry
}

registryConformance('consul, on the double,', async () => registryOf(await double()), { test }, { ttl: 300 })

async function ids(registry: Registry, name = 'greeter'): Promise<string[]> {
  return (await registry.getService(name)).flatMap(({ nodes }) => nodes.map(({ id }) => id)).sort()
}

async function until(check: () => Promise<boolean> | boolean, limit = 3000): Promise<number> {
  const begun = performance.now()
  while (!(await check())) {
    if (performance.now() - begun > limit) throw new Error(`not within ${limit} ms`)
    await wait(10)
  }
  return performance.now() - begun
}

describe('R13: a Consul that misbehaves', () => {
  const answers: Record<string, (consul: ConsulDouble) => Script> = {
    'answers with index 0': (consul) => (request, response) => {
      response.setHeader('x-consul-index', '0')
      response.end(JSON.stringify(consul.list(new URL(request.url ?? '', 'http://consul').pathname)))
      return true
    },
    'answers without an index': (consul) => (request, response) => {
      response.end(JSON.stringify(consul.list(new URL(request.url ?? '', 'http://consul').pathname)))
      return true
    },
    'answers with a lower index each time': (consul) => (request, response) => {
      response.setHeader('x-consul-index', String(consul.index--))
      response.end(JSON.stringify(consul.list(new URL(request.url ?? '', 'http://consul').pathname)))
      return true
    },
    'answers at once with a higher index and nothing new': (consul) => (request, response) => {
      response.setHeader('x-consul-index', String(++consul.index))
      response.end(JSON.stringify(consul.list(new URL(request.url ?? '', 'http://consul').pathname)))
      return true
    },
    'answers 500': () => (_request, response) => {
      response.statusCode = 500
      response.end('No cluster leader')
      return true
    },
    'answers 500 to all but its own service': () => (request, response) => {
      if (request.url?.startsWith('/v1/health/service/consul')) return false
      response.statusCode = 500
      response.end('rpc error')
      return true
    },
    'breaks off in the middle of the body': () => (_request, response) => {
      response.setHeader('x-consul-index', '99')
      response.setHeader('content-length', '100')
      response.write('[{"Node"')
      setTimeout(() => response.destroy(), 5)
      return true
    },
    'answers what is not JSON': () => (_request, response) => {
      response.setHeader('x-consul-index', '99')
      response.end('<html>')
      return true
    },
    'answers JSON of another kind': () => (_request, response) => {
      response.setHeader('x-consul-index', '99')
      response.end('null')
      return true
    },
    'closes the connection': () => (request) => {
      request.socket.destroy()
      return true
    },
  }

  for (const [what, script] of Object.entries(answers)) {
    it(`that ${what} gets at most 2 requests a second and costs no node`, { concurrent: true }, async () => {
      const consul = await ConsulDouble.start()
      for (const name of ['greeter', 'other', 'third']) consul.put(`${name}-1`, name)
      const registry = consulRegistry({ address: consul.address })
      registry.watch(() => {}, { asked: true })
      for (const name of ['greeter', 'other', 'third']) expect(await ids(registry, name)).toEqual([`${name}-1`])
      await wait(1200)
      consul.script = script(consul)
      consul.put('greeter-1', 'greeter', { Port: 1001 })
      const begun = performance.now()
      for (let i = 0; i < 50; i++) {
        await wait(100)
        expect(await ids(registry)).toEqual(['greeter-1'])
        await registry.getService('unknown').catch(() => {})
      }
      const asked = consul.since(begun)
      consul.script = () => false
      consul.index += 1000
      consul.put('greeter-2', 'greeter')
      // Three services take turns.
      await until(async () => (await ids(registry)).includes('greeter-2'), 3000)
      expect(asked).toBeLessThanOrEqual(11)
      await registry.close()
      await consul.close()
    })
  }

  it('that hangs beyond wait + wait/16 is asked again, and what comes late counts for nothing', async () => {
    const consul = await double()
    consul.put('greeter-1', 'greeter')
    const registry = await registryOf(consul, { wait: 400, slack: 300 })
    expect(await ids(registry)).toEqual(['greeter-1'])
    const late: (() => void)[] = []
    consul.script = (request, response) => {
      if (!request.url?.startsWith('/v1/health/service/greeter')) return false
      const old = JSON.stringify(consul.list('/v1/health/service/greeter'))
      response.setHeader('x-consul-index', String(consul.index + 1000))
      late.push(() => response.end(old))
      return true
    }
    await until(() => late.length > 0)
    consul.put('greeter-2', 'greeter')
    const begun = performance.now()
    await until(() => late.length > 1, 8000)
    expect(consul.since(begun)).toBeLessThanOrEqual(4)
    consul.script = () => false
    await until(async () => (await ids(registry)).length === 2, 8000)
    for (const answer of late) answer()
    await wait(100)
    expect(await ids(registry)).toEqual(['greeter-1', 'greeter-2'])
  })

  it('whose index goes back is read anew: a change is seen within a second', async () => {
    const consul = await double()
    consul.put('greeter-1', 'greeter')
    const registry = await registryOf(consul)
    expect(await ids(registry)).toEqual(['greeter-1'])
    await wait(1000)
    consul.restore(5)
    consul.put('greeter-2', 'greeter')
    expect(await until(async () => (await ids(registry)).length === 2)).toBeLessThan(1000)
    consul.delete('greeter-1')
    expect(await until(async () => (await ids(registry)).length === 1)).toBeLessThan(2000)
  })

  it('that says a list is empty, in order, is believed', async () => {
    const consul = await double()
    consul.put('greeter-1', 'greeter')
    const registry = await registryOf(consul)
    expect(await ids(registry)).toEqual(['greeter-1'])
    consul.delete('greeter-1')
    expect(await until(async () => (await ids(registry)).length === 0)).toBeLessThan(1000)
  })

  it('that took what it was told, and forgot it, is told again within 5 s; no node is lost meanwhile', async () => {
    const consul = await double()
    const registry = await registryOf(consul, { grace: 3000 })
    const service = (name: string) => ({ name, version: '1', metadata: {}, endpoints: [] })
    const node = (id: string) => ({ id, address: '127.0.0.1', port: 1000, metadata: {} })
    await registry.register({ ...service('mine'), nodes: [node('mine-1')] }, { ttl: 60_000 })
    await registry.register({ ...service('mine'), nodes: [node('mine-2')] })
    consul.put('theirs-1', 'theirs')
    expect(await ids(registry, 'theirs')).toEqual(['theirs-1'])
    consul.forget()
    const begun = performance.now()
    let made = Number.POSITIVE_INFINITY
    while (performance.now() - begun < 2500) {
      expect(await ids(registry, 'mine')).toEqual(['mine-1', 'mine-2'])
      expect(await ids(registry, 'theirs')).toEqual(['theirs-1'])
      const told = consul.list('/v1/health/service/mine')
      if (Array.isArray(told) && told.length === 2) made = Math.min(made, performance.now() - begun)
      await wait(20)
    }
    expect(made).toBeLessThan(2000)
    await until(async () => (await registry.getService('theirs').catch(() => [])).length === 0, 5000)
    expect(await ids(registry, 'mine')).toEqual(['mine-1', 'mine-2'])
  })
})

describe('R14: what is registered again after an outage', () => {
  it('comes over two seconds, not at once, and none is lost', async () => {
    const consul = await double()
    const registry = await registryOf(consul)
    const nodes = Array.from({ length: 200 }, (_, i) => ({
      id: `n${i}`,
      address: '127.0.0.1',
      port: 1000,
      metadata: {},
    }))
    await registry.register({ name: 'many', version: '', metadata: {}, endpoints: [], nodes }, { ttl: 10_000 })
    consul.forget()
    await until(() => (consul.list('/v1/health/service/many') as unknown[]).length === 200, 5000)
    const times = consul.requests.filter(({ path }) => path.startsWith('/v1/agent/check/pass')).map(({ at }) => at)
    const again = times.slice(200)
    expect((again.at(-1) ?? 0) - (again[0] ?? 0)).toBeGreaterThan(1800)
  })
})

describe('S21: what Consul answers is input', () => {
  const zlib = (text: string | Buffer) => deflateSync(text).toString('hex')

  it('a tag inflates to 64 kB at the most, and what cannot be read counts for nothing', async () => {
    const consul = await double()
    const bomb = zlib(Buffer.alloc(64 * 1024 + 1, 0x20))
    const deep = zlib(`{"name":"x","request":${'{"values":['.repeat(500)}${']}'.repeat(500)}}`)
    const Tags = [
      `v-${bomb}`,
      `t-${bomb}`,
      `e-${deep}`,
      'e-zz',
      't-',
      'x',
      '',
      `e-${zlib('[]')}`,
      `t-${zlib('null')}`,
      't={"a":1,"b":"2"}',
    ]
    consul.put('odd-1', 'odd', { Tags })
    const [service] = await (await registryOf(consul)).getService('odd')
    expect(service).toMatchObject({ version: '', endpoints: [] })
    expect(Object.entries(service?.nodes[0]?.metadata ?? {})).toEqual([['b', '2']])
  })

  it('takes at most 10,000 nodes, and none that cannot be called', async () => {
    const consul = await double()
    consul.script = (request, response) => {
      if (request.url !== '/v1/health/service/huge') return false
      const entries: unknown[] = Array.from({ length: 10_100 }, (_, i) => ({
        Service: { ID: `n${i}`, Address: '10.0.0.1', Port: 1 },
      }))
      entries.unshift(null, 7, {}, { Service: { ID: 'a', Port: 1 } }, { Service: { ID: 'b', Address: 'x', Port: 0 } })
      response.setHeader('x-consul-index', '1')
      response.end(JSON.stringify(entries))
      return true
    }
    const [service] = await (await registryOf(consul)).getService('huge')
    expect(service?.nodes).toHaveLength(9995)
  })
})

describe('looking up', () => {
  it('asks once for all who ask at once, and a miss is remembered for a moment', async () => {
    const consul = await double()
    const registry = await registryOf(consul, { miss: 200 })
    const asked = () => consul.requests.filter(({ path }) => path === '/v1/health/service/new').length
    await Promise.all(Array.from({ length: 50 }, () => registry.getService('new')))
    await registry.getService('new')
    expect(asked()).toBe(1)
    consul.put('new-1', 'new')
    await until(async () => (await ids(registry, 'new')).length === 1)
    expect(asked()).toBe(2)
    await Promise.all(Array.from({ length: 50 }, () => registry.getService('new')))
    expect(asked()).toBe(2)
  })

  it('waits a second at the most', async () => {
    const consul = await double()
    consul.script = () => true
    const registry = await registryOf(consul)
    const begun = performance.now()
    await expect(registry.getService('slow')).rejects.toMatchObject({ code: 503, reason: 'connect' })
    expect(performance.now() - begun).toBeLessThan(1300)
  })

  it('ends the following of what nobody asks for', async () => {
    const consul = await double()
    consul.put('greeter-1', 'greeter')
    const registry = await registryOf(consul, { idle: 300, wait: 200, spacing: 20 })
    expect(await ids(registry)).toEqual(['greeter-1'])
    await wait(500)
    const begun = performance.now()
    await wait(500)
    expect(consul.requests.filter(({ at, path }) => at > begun && path.includes('greeter'))).toEqual([])
  })
})
