import assert from 'node:assert/strict'
import type { RegistryEvent } from '../../registry/registry.js'
import type { Checks } from './bench.js'

/** Every change is told, once and in order. */
export const watching: Checks = {
  'tells watchers of create, update and delete': async (bench) => {
    const seen = bench.watch()
    await bench.register({ version: '1', nodes: [bench.node('a')] })
    await bench.eventually(async () => assert.deepEqual(seen.at(-1), 'create 1: a'))
    await bench.register({ version: '1', nodes: [bench.node('b')] })
    await bench.eventually(async () => assert.deepEqual(seen.at(-1), 'update 1: a b'))
    await bench.deregister({ nodes: [bench.node('a')] })
    await bench.eventually(async () => assert.deepEqual(seen.at(-1), 'update 1: b'))
    await bench.deregister({ nodes: [bench.node('b')] })
    await bench.eventually(async () => assert.deepEqual(seen.at(-1), 'delete 1: b'))
  },

  'tells watchers when a ttl ends': async (bench) => {
    const seen = bench.watch()
    await bench.register({ nodes: [bench.node('a')] }, bench.ttl)
    await bench.pass(3 * bench.ttl)
    await bench.eventually(async () => assert.deepEqual(seen.at(-1), 'delete : a'))
  },

  'tells nothing of a renewal': async (bench) => {
    await bench.register({ nodes: [bench.node('a')] }, 1000 * bench.ttl)
    await bench.shows(bench.name, [': a'])
    const seen = bench.watch()
    await bench.register({ nodes: [bench.node('a')] }, 1000 * bench.ttl)
    await bench.register({ version: '2', nodes: [bench.node('b')] })
    await bench.eventually(async () => assert.deepEqual(seen, ['create 2: b']))
  },

  'tells no more once a watch is stopped': async (bench) => {
    const stopped: RegistryEvent[] = []
    const stop = bench.registry.watch((event) => stopped.push(event))
    const seen = bench.watch()
    stop()
    stop()
    await bench.register({ nodes: [bench.node('a')] })
    await bench.eventually(async () => assert.equal(seen.length, 1))
    assert.deepEqual(stopped, [])
  },

  'is not hurt by a watcher that throws or rejects': async (bench) => {
    bench.registry.watch(() => {
      throw new Error('a fault in a watcher')
    })
    bench.registry.watch(async () => {
      throw new Error('a fault in an async watcher')
    })
    const seen = bench.watch()
    await bench.register({ nodes: [bench.node('a')] })
    await bench.eventually(async () => assert.deepEqual(seen, ['create : a']))
  },

  'tells nothing after it was closed, even twice': async (bench) => {
    const seen = bench.watch()
    await bench.register({ nodes: [bench.node('a')] }, bench.ttl)
    await bench.eventually(async () => assert.equal(seen.length, 1))
    await bench.registry.close()
    await bench.registry.close()
    await bench.pass(3 * bench.ttl)
    assert.equal(seen.length, 1)
  },
}
