import assert from 'node:assert/strict'
import { type Checks, text } from './bench.js'

/** Callers, names and results do not reach each other. */
export const isolation: Checks = {
  'S12: takes any name, id and metadata key as data': async (bench) => {
    const names = ['__proto__', 'constructor', 'toString', 'grüße-世界-🚀']
    for (const name of names) {
      const metadata = text(Object.fromEntries([['__proto__', name]]))
      await bench.registry.register(bench.service({ name, nodes: [bench.node(name, { metadata })] }))
    }
    for (const name of names) {
      await bench.eventually(async () => {
        const [found] = await bench.registry.getService(name)
        assert.equal(found?.name, name)
        assert.deepEqual(Object.entries(found.nodes[0]?.metadata ?? {}), [['__proto__', name]])
      })
      await bench.registry.deregister(bench.service({ name, nodes: [bench.node(name)] }))
    }
    assert.deepEqual(Object.keys(Object.prototype), [])
    assert.deepEqual(await bench.registry.getService('hasOwnProperty'), [])
  },

  'hands out copies that change nothing in it': async (bench) => {
    await bench.register({ nodes: [bench.node('a')] })
    await bench.shows(bench.name, [': a'])
    spoil(await bench.registry.getService(bench.name))
    spoil(await bench.registry.listServices())
    await bench.shows(bench.name, [': a'])
  },

  'does not see what happens later to the object that was registered': async (bench) => {
    const nodes = [bench.node('a')]
    const service = bench.service({ nodes })
    await bench.registry.register(service)
    nodes.push(bench.node('b'))
    Object.assign(service, { name: 'another', version: 'another' })
    await bench.shows(bench.name, [': a'])
  },

  'keeps every node of registrations made at once': async (bench) => {
    const ids = Array.from({ length: 20 }, (_, i) => `n${String(i).padStart(2, '0')}`)
    await Promise.all(ids.map((id) => bench.register({ nodes: [bench.node(id)] })))
    await bench.shows(bench.name, [`: ${ids.join(' ')}`])
    await Promise.all(ids.map((id) => bench.deregister({ nodes: [bench.node(id)] })))
    await bench.shows(bench.name, [])
  },
}

/** Changes what can be changed; what is frozen throws, which is as good. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) spoil(member)
  for (const key of Object.keys(value)) {
    try {
      Reflect.set(value, key, 'spoilt')
    } catch {}
  }
  if (Array.isArray(value) && !Object.isFrozen(value)) value.length = 0
}
