import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { command, endAll, listening } from './support/command.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const ANY_PORT = ['--address=127.0.0.1:0', '--handler=proxy']

let folder: string
const servers: Server[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registries-'))
})

afterEach(async () => {
  await endAll()
  for (const server of servers.splice(0)) server.close()
  await rm(folder, { recursive: true })
})

async function node(answer: string): Promise<number> {
  const server = createServer((_request, response) => response.end(answer))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

test('mdns: what is registered at one sidecar is called through another, until the first one stops', async () => {
  const name = `mdns-${process.pid}-${Date.now()}`
  const [one, other] = await Promise.all([
    listening(['--registry=mdns', ...ANY_PORT], { cwd: folder }),
    listening(['--registry=mdns', ...ANY_PORT], { cwd: folder }),
  ])
  const call = async () => {
    const response = await fetch(`${other.url}/${name}/`)
    return `${response.status} ${await response.text()}`
  }
  expect(await call()).toMatch(/^404 /)
  const nodes = [{ id: `${name}-1`, address: '127.0.0.1', port: await node('hello') }]
  const body = JSON.stringify({ name: `go.micro.srv.${name}`, nodes })
  const begun = performance.now()
  await fetch(`${one.url}/registry`, { method: 'POST', headers: JSON_TYPE, body })
  await vi.waitFor(async () => expect(await call()).toBe('200 hello'), { timeout: 10_000, interval: 50 })
  expect(performance.now() - begun).toBeLessThan(3000)
  const health = await (await fetch(`${other.url}/health`)).json()
  expect(health).toMatchObject({ registry: { name: 'mdns', state: 'ok' } })
  one.child.kill('SIGTERM')
  expect(await one.ended).toBe(0)
  await vi.waitFor(async () => expect(await call()).toMatch(/^404 /), { timeout: 10_000, interval: 50 })
})

test('static: a file is followed while calls go on; broken, it says why and the old list stays', async () => {
  const file = join(folder, 'services.yaml')
  const list = (port: number) =>
    `- name: go.micro.srv.shop\n  nodes:\n    - { id: shop-1, address: 127.0.0.1, port: ${port} }\n`
  const write = async (text: string) => {
    await writeFile(`${file}~`, text)
    await rename(`${file}~`, file)
  }
  await write(list(await node('one')))
  await writeFile(
    join(folder, 'micro.config.json'),
    JSON.stringify({ handler: 'proxy', registry: { name: 'static', file } }),
  )
  const { url, ...run } = await listening(ANY_PORT, { cwd: folder })
  const answers: string[] = []
  const call = async () => {
    const response = await fetch(`${url}/shop/`)
    answers.push(`${response.status} ${await response.text()}`)
    return answers.at(-1)
  }
  expect(await call()).toBe('200 one')
  await write(list(await node('two')))
  await vi.waitFor(async () => expect(await call()).toBe('200 two'), { timeout: 10_000, interval: 10 })
  await write('- name: go.micro.srv.shop\n  nodes: none\n')
  await vi.waitFor(
    () => expect(run.stderr() + run.stdout()).toContain('services.yaml:1:3  [0]: nodes must be a list'),
    10_000,
  )
  expect(await call()).toBe('200 two')
  expect(answers.every((answer) => answer.startsWith('200 '))).toBe(true)
})

test('R23: a wrong list in the configuration is a fault of it (exit code 2)', async () => {
  const services = [{ name: 'shop', nodes: [{ id: 'a', address: '10.0.0.1', port: '80' }] }]
  await writeFile(join(folder, 'micro.config.json'), JSON.stringify({ registry: { name: 'static', services } }))
  const run = command([], { cwd: folder })
  expect(await run.ended).toBe(2)
  expect(run.stderr()).toContain('registry.services[0]: nodes[0].port must be a whole number from 1 to 65535')
})
