import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, inject, test } from 'vitest'
import { endAll, follow, HARDENED } from './support/command.js'

afterEach(endAll)

const USE = `
async function use({ createSidecar, MicroError, defineConfig }) {
  const service = require('node:http').createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => { body += chunk })
    request.on('end', () => {
      const { id, params } = JSON.parse(body)
      response.end(JSON.stringify({ id, result: { msg: 'Hello ' + params[0].name }, error: null }))
    })
  })
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve))
  const config = defineConfig({ address: '127.0.0.1:0', registry: 'memory', namespace: 'shop' })
  const [one, two] = [await createSidecar(config), await createSidecar(config)]
  await Promise.all([one.start(), two.start()])
  const nodes = [{ id: 'greeter-1', address: '127.0.0.1', port: service.address().port, metadata: {} }]
  await one.registry.register({ name: 'shop.greeter', version: '', metadata: {}, endpoints: [], nodes })
  const called = await one.call('shop.greeter', 'Say.Hello', { name: 'John' })
  const fetched = await one.fetch('/greeter/say/hello', {
    method: 'POST', body: '{"name":"Jane"}', headers: { 'content-type': 'application/json' },
  })
  const refused = await two.call('shop.greeter', 'Say.Hello', {}).catch((error) => error)
  console.log(JSON.stringify({
    called, fetched: await fetched.json(), code: refused.code, micro: refused instanceof MicroError, apart: one.url !== two.url,
  }))
  await Promise.all([one.stop(), two.stop()])
  service.close()
}
`

const EXPECTED = { called: { msg: 'Hello John' }, fetched: { msg: 'Hello Jane' }, code: 404, micro: true, apart: true }

test.each([
  [
    'ESM',
    'use.mjs',
    `import { createRequire } from 'node:module'\nimport * as sdk from 'micro-sidecar'\nconst require = createRequire(import.meta.url)\n${USE}\nawait use(sdk)`,
  ],
  ['CommonJS', 'use.cjs', `${USE}\nuse(require('micro-sidecar'))`],
])('%s: sidecars are embedded, called and stopped, and the process ends by itself', async (_kind, name, text) => {
  await writeFile(join(inject('installed'), name), text)
  const run = follow(spawn(process.execPath, [...HARDENED, name], { cwd: inject('installed') }))
  expect(await run.ended).toBe(0)
  expect(run.stderr()).toBe('')
  expect(JSON.parse(run.stdout())).toEqual(EXPECTED)
})

test.each([
  [
    'ESM',
    'testing.mjs',
    `import * as testing from 'micro-sidecar/testing'\nconsole.log(Object.keys(testing).join(' '))`,
  ],
  ['CommonJS', 'testing.cjs', `console.log(Object.keys(require('micro-sidecar/testing')).join(' '))`],
])('%s: the conformance suites can be imported', async (_kind, name, text) => {
  await writeFile(join(inject('installed'), name), text)
  const run = follow(spawn(process.execPath, [name], { cwd: inject('installed') }))
  expect(await run.ended).toBe(0)
  expect(run.stdout()).toMatch(/registry/i)
})

test('a schema is found by its path in the package', async () => {
  await writeFile(
    join(inject('installed'), 'schema.cjs'),
    `console.log(require('micro-sidecar/schemas/micro.schema.json').type)`,
  )
  const run = follow(spawn(process.execPath, ['schema.cjs'], { cwd: inject('installed') }))
  expect(await run.ended).toBe(0)
  expect(run.stdout()).toBe('object\n')
})
