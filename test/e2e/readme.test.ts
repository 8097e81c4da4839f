import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, expect, inject, test } from 'vitest'
import { endAll, follow, listening } from './support/command.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const folder = () => join(inject('installed'), 'reader')
const shell = async (line: string) => (await promisify(execFile)('sh', ['-c', `${line.trim()} -sS`])).stdout

beforeAll(async () => {
  await mkdir(folder())
  await cp(join(root, 'micro.config.ts'), join(folder(), 'micro.config.ts'))
  await cp(join(root, 'examples/greeter'), join(folder(), 'examples/greeter'), { recursive: true })
})
afterEach(endAll)

test('the first call answers what it says', async () => {
  const { url } = await listening(['--address=127.0.0.1:0'], { cwd: folder() })
  const answer = await shell(block('sh', /say\/hello/).replace('localhost:8081', new URL(url).host))
  expect(answer).toBe('{"msg":"Hello John"}')
  expect(readme).toContain(`answers \`${answer}\``)
})

test('the registration is taken', async () => {
  const { url } = await listening(['--address=127.0.0.1:0'])
  const { host } = new URL(url)
  await shell(`${block('sh', /registry\?ttl/).trim()} -f`.replace('localhost:8081', host))
  const listed = await (await fetch(`${url}/registry?service=go.micro.srv.hello`)).json()
  expect(listed).toMatchObject([{ nodes: [{ id: 'hello-1', address: '127.0.0.1', port: 9090 }] }])
})

test('the configuration is right, with and without its profile', async () => {
  await writeFile(join(folder(), 'sample.config.ts'), block('ts', /defineConfig/))
  const { url } = await listening(['--config=sample.config.ts', '--address=127.0.0.1:0'], { cwd: folder() })
  expect((await fetch(`${url}/livez`)).status).toBe(200)
  const production = ['--config=sample.config.ts', '--profile=production', '--address=127.0.0.1:0']
  const run = await listening(production, { cwd: folder(), env: { SIDECAR_TOKEN: 'c4n4ry' } })
  expect((await fetch(`${run.url}/registry`)).status).toBe(401)
  expect((await fetch(`${run.url}/registry`, { headers: { authorization: 'Bearer c4n4ry' } })).status).toBe(200)
  expect(run.stdout()).not.toContain('c4n4ry')
})

test('the embedded sidecar calls the service', async () => {
  const cart = createServer(async (request, response) => {
    const call = (await json(request)) as { id: number; method: string; params: unknown[] }
    response.end(JSON.stringify({ id: call.id, result: [call.method, call.params], error: null }))
  })
  await once(cart.listen(0, '127.0.0.1'), 'listening')
  const { port } = cart.address() as AddressInfo
  const program = `${block('js', /createSidecar/).replace('9090', String(port))}\nconsole.log(JSON.stringify(cart))`
  await writeFile(join(folder(), 'embed.mjs'), program)
  const run = follow(spawn(process.execPath, ['embed.mjs'], { cwd: folder() }))
  expect(await run.ended).toBe(0)
  expect(run.stdout()).toBe('["Cart.Get",[{"customer":7}]]\n')
  cart.close()
})

test('its commands hold in zsh too, which takes a bare ? or * for a pattern', () => {
  const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '')
  expect(commands.length).toBeGreaterThan(2)
  for (const command of commands) expect(command.replace(/'[^']*'/g, '')).not.toMatch(/[?*[]/)
})

test('its links lead somewhere', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => join(root, link ?? ''))
  expect(links.length).toBeGreaterThan(5)
  for (const link of links) expect(() => readFileSync(link), link).not.toThrow(/ENOENT/)
})

/** The text of the first block of code in that language that matches. */
function block(language: string, pattern: RegExp): string {
  const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  const found = blocks.find(([, name, text]) => name === language && pattern.test(text ?? ''))
  return found?.[2] ?? ''
}
