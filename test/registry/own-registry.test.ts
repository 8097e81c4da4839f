import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { expect, test, vi } from 'vitest'
import { inventory } from '../../examples/own-registry/inventory.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'
import { closeAfterwards, listen } from '../kit/sidecar.js'

async function page(say: () => string): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer((_request, response) => response.end(say())))}/`
}

function list(services: Record<string, readonly string[]>): string {
  const nothing = { version: '', metadata: {}, endpoints: [] }
  const nodes = (ids: readonly string[]) => ids.map((id) => ({ id, address: '10.0.0.1', port: 80, metadata: {} }))
  return JSON.stringify(Object.entries(services).map(([name, ids]) => ({ name, ...nothing, nodes: nodes(ids) })))
}

registryConformance('own', async () => inventory({ url: await page(() => list({ other: ['o1'] })) }), { test })

test("the example's registry follows its page, and keeps the last one that it could read", async () => {
  let text = list({ a: ['a1', 'a2'], b: ['b1'] })
  const registry = inventory({ url: await page(() => text), every: 20 })
  closeAfterwards(() => registry.close())
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const ids = async (name: string) =>
    (await registry.getService(name)).flatMap(({ nodes }) => nodes.map(({ id }) => id))
  expect(await ids('a')).toEqual(['a1', 'a2'])
  text = list({ a: ['a2'] })
  await vi.waitFor(async () => expect(await ids('a')).toEqual(['a2']), 5000)
  await vi.waitFor(async () => expect(await ids('b')).toEqual([]), 5000)
  text = 'out of order'
  await vi.waitFor(() => expect(warnings).toHaveBeenCalled(), 5000)
  expect(await ids('a')).toEqual(['a2'])
  warnings.mockRestore()
})

test('the documentation shows the example as it is', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const [, ...code] = read('examples/own-registry/inventory.ts').split('\n')
  expect(read('docs/registries.md')).toContain(code.join('\n'))
})
