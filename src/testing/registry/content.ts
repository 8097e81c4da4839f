import assert from 'node:assert/strict'
import type { Service } from '../../registry/registry.js'
import { type Checks, text } from './bench.js'

/** What is registered is found, and nothing else. */
export const content: Checks = {
  'has a name': async ({ registry }) => assert.match(registry.name, /\S/),

  'gives back what was registered': async (bench) => {
    const service = bench.service({
      version: '1.2.3',
      metadata: text({ team: 'a' }),
      endpoints: [
        {
          name: 'Say.Hello',
          request: { name: 'Request', type: 'Request', values: [{ name: 'name', type: 'string', values: null }] },
          response: null,
          metadata: text({ stream: 'false' }),
        },
      ],
      nodes: [bench.node('a', { metadata: text({ protocol: 'mucp' }) })],
    })
    await bench.registry.register(service)
    await bench.shows(service.name, ['1.2.3: a'])
    const [found] = await bench.registry.getService(service.name)
    assert.deepEqual(plain(found), plain(service))
  },

  'gives nothing for an unknown name': async ({ registry, service }) => {
    assert.deepEqual(await registry.getService(service().name), [])
  },

  'refuses a service without nodes': async (bench) => {
    await assert.rejects(bench.registry.register(bench.service({ nodes: [] })))
    assert.deepEqual(await bench.registry.getService(bench.service().name), [])
  },

  'keeps the other nodes when one is added': async (bench) => {
    await bench.register({ nodes: [bench.node('a')] })
    await bench.register({ nodes: [bench.node('b')] })
    await bench.shows(bench.name, [': a b'])
  },

  'replaces a node by its id': async (bench) => {
    await bench.register({ nodes: [bench.node('a', { port: 1001 }), bench.node('b')] })
    await bench.register({ nodes: [bench.node('a', { port: 1002 })] })
    await bench.shows(bench.name, [': a b'])
    const [found] = await bench.registry.getService(bench.name)
    assert.equal(found?.nodes.find((node) => node.id.endsWith('a'))?.port, 1002)
  },

  'gives one element a version': async (bench) => {
    await bench.register({ version: '1', nodes: [bench.node('a')] })
    await bench.register({ version: '2', nodes: [bench.node('b')] })
    await bench.shows(bench.name, ['1: a', '2: b'])
  },

  'moves a node that registers under another version': async (bench) => {
    await bench.register({ version: '1', nodes: [bench.node('a'), bench.node('b')] })
    await bench.register({ version: '2', nodes: [bench.node('a')] })
    await bench.shows(bench.name, ['1: b', '2: a'])
  },

  'removes a node by its id in whatever version it is': async (bench) => {
    await bench.register({ version: '1', nodes: [bench.node('a'), bench.node('b')] })
    await bench.deregister({ version: '9', nodes: [bench.node('a', { port: 9 })] })
    await bench.shows(bench.name, ['1: b'])
    await bench.deregister({ nodes: [bench.node('b')] })
    await bench.shows(bench.name, [])
  },

  'takes it calmly when an unknown node or service is removed': async (bench) => {
    await bench.deregister({ nodes: [bench.node('nobody')] })
    await bench.register({ nodes: [bench.node('a')] })
    await bench.deregister({ nodes: [bench.node('nobody')] })
    await bench.shows(bench.name, [': a'])
  },

  'lists every service by name': async (bench) => {
    await bench.register({ nodes: [bench.node('a')] })
    const other = bench.service({ name: `${bench.name}.other` })
    await bench.registry.register(other)
    await bench.eventually(async () => {
      const names = (await bench.registry.listServices()).map((service) => service.name)
      assert.ok(names.includes(bench.name) && names.includes(other.name), `listed: ${names.join(' ')}`)
    })
    await bench.registry.deregister(other)
  },
}

/** As JSON sees it, so that prototypes do not count. */
function plain(service: Service | undefined): unknown {
  return JSON.parse(JSON.stringify(service))
}
