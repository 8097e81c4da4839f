import { expect, test } from 'vitest'
import { pluginConfigFaults } from '../../src/config/plugin-config.js'
import { faultsOf, loadFiles } from './workspace.js'

const configSchema = {
  type: 'object',
  properties: { size: { type: 'integer' }, hosts: { type: 'array', items: { type: 'string' } } },
  required: ['size'],
  additionalProperties: false,
}

test('options of a plugin are checked by its own schema, together with the rest', async () => {
  const text = `
const configSchema = ${JSON.stringify(configSchema)}
export default {
  nmae: 1,
  plugins: [[{ name: 'cache', configSchema, config: { size: 'x', hosts: ['a', 3], other: 1 } }], false, { name: 'plain' }],
}`
  expect((await faultsOf(loadFiles({ 'micro.config.ts': text }))).split('\n')).toEqual([
    expect.stringMatching(/^micro\.config\.ts:4:3 {2}nmae: unknown key/),
    'micro.config.ts:5:3  plugins.cache.config: it must NOT have additional properties',
    'micro.config.ts:5:3  plugins.cache.config.size: it must be integer',
    'micro.config.ts:5:3  plugins.cache.config.hosts[1]: it must be string',
  ])
})

test('those of the profile in force count', async () => {
  const text = `
const plugin = (config) => ({ name: 'cache', configSchema: ${JSON.stringify(configSchema)}, config })
export default { plugins: [plugin({ size: 1 })], profiles: { bad: { plugins: [plugin(undefined)] } } }`
  expect((await loadFiles({ 'micro.config.js': text })).settings.plugins).toHaveLength(1)
  expect(await faultsOf(loadFiles({ 'micro.config.js': text }, { argv: ['--profile=bad'] }))).toBe(
    "micro.config.js:3:18  plugins.cache.config: it must have required property 'size'",
  )
})

test('a schema that is none is the plugin’s fault', async () => {
  const origin = { source: 'config' }
  const plugin = { name: 'a', configSchema: { type: 'nothing' }, config: {} }
  const [fault] = await pluginConfigFaults([plugin], origin)
  expect(fault).toMatchObject({ source: 'config', path: 'plugins.a.config' })
  expect(fault?.message).toMatch(/^its configSchema is none: /)
  expect(await pluginConfigFaults([{ name: 'a' }, { name: 'b', configSchema: {} }], origin)).toEqual([])
})

test('plugins of one schema id do not disturb each other', async () => {
  const schema = (type: string) => ({ $id: 'mine', type: 'object', properties: { a: { type } } })
  const plugins = [
    { name: 'a', configSchema: schema('string'), config: { a: 'x' } },
    { name: 'b', configSchema: schema('number'), config: { a: 'x' } },
  ]
  expect(await pluginConfigFaults(plugins, { source: 'config' })).toEqual([
    { source: 'config', path: 'plugins.b.config.a', message: 'it must be number' },
  ])
})
