import { createServer } from 'node:http'
import { expect, test, vi } from 'vitest'
import { inventory } from '../../examples/own-registry/inventory.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'
import { closeAfterwards, listen } from '../kit/sidecar.js'

async function page(say: () => string): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer((_request, response) => response.end(say())))}/`
}

registryConformance('own', async () => inventory({ url: await page(() => '{"other":["10.0.0.1:80"]}') }), { test })

test("the example's registry follows its page, and keeps the last one that it could read", async () => {
  let text = '{"a":["10.0.0.1:80","10.0.0.2:80"],"b":["10.0.0.3:80"]}'
  const registry = inventory({ url: await page(() => text), every: 20 })
  closeAfterwards(() => registry.close())
  const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const places = async (name: string) =>
    (await registry.getService(name)).flatMap(({ nodes }) => nodes.map(({ address, port }) => `${address}:${port}`))
  expect(await places('a')).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
  text = '{"a":["10.0.0.2:80"]}'
  await vi.waitFor(async () => expect(await places('a')).toEqual(['10.0.0.2:80']), 5000)
  expect(await places('b')).toEqual([])
  text = 'out of order'
  await vi.waitFor(() => expect(warnings).toHaveBeenCalled(), 5000)
  expect(await places('a')).toEqual(['10.0.0.2:80'])
  warnings.mockRestore()
})
