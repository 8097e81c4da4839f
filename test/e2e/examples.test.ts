import { spawn } from 'node:child_process'
import { cp, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, inject, test } from 'vitest'
import { endAll, follow, HARDENED, listening } from './support/command.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const JSON_TYPE = { 'content-type': 'application/json' }

// As somebody would who copies them into a folder of his own.
beforeAll(async () => {
  await cp(join(root, 'examples'), join(folder(), 'examples'), { recursive: true })
  await cp(join(root, 'micro.config.ts'), join(folder(), 'micro.config.ts'))
})
afterEach(endAll)

test('embed: a service is called from within', async () => {
  const run = follow(spawn(process.execPath, [...HARDENED, 'examples/embed/embed.mjs'], { cwd: folder() }))
  expect(await run.ended).toBe(0)
  expect(run.stdout()).toMatch(/^Hello John, through http:\/\/127\.0\.0\.1:\d+\n$/)
  expect(run.stderr()).toBe('')
})

test('proxy: a request arrives unchanged', async () => {
  const { url } = await example('proxy')
  const response = await fetch(`${url}/shop/cart?item=7`, { method: 'PUT', body: 'x' })
  expect(await response.text()).toBe('shop got PUT /shop/cart?item=7\n')
})

test('middleware: each moment has its say', async () => {
  const { url } = await example('middleware')
  const call = (path: string, headers = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body: '{"name":"John"}', headers: { ...JSON_TYPE, ...headers } })
  const hello = await call('/greeter/say/hello')
  expect(await hello.json()).toEqual({ msg: 'Hello John' })
  expect(hello.headers.get('x-took')).toMatch(/^[\d.]+ms$/)
  expect(hello.headers.get('x-express')).toBe('was here')
  const banned = await call('/greeter/say/hello', { 'x-banned': '1' })
  expect([banned.status, await banned.json()]).toEqual([403, { reason: 'banned' }])
  const unknown = await call('/nobody/say/hello')
  expect(unknown.status).toBe(404)
  expect(await unknown.json()).toMatchObject({ detail: expect.stringMatching(/^sorry, /) })
})

test('balancer: a caller stays with one node', async () => {
  const { url } = await example('balancer')
  const names = new Set<string>()
  for (let i = 0; i < 20; i++) names.add(await (await fetch(`${url}/greeter/whoami`)).text())
  expect(names.size).toBe(1)
})

test('own-registry: a node is found where the page says it is', async () => {
  const { url } = await example('own-registry')
  expect(await (await fetch(`${url}/shop/cart`)).text()).toBe('shop got /shop/cart\n')
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ registry: { name: 'inventory' } })
})

test('broker: workers share the orders, an auditor sees all', async () => {
  const run = follow(spawn(process.execPath, [...HARDENED, 'examples/broker/broker.mjs'], { cwd: folder() }))
  expect(await run.ended).toBe(0)
  expect(run.stdout()).toBe('anne packs a book\nben packs a lamp\naudited: a book (text/plain), a lamp (text/plain)\n')
  expect(run.stderr()).toBe('')
})

test('own-broker: a message is accepted once it is written down', async () => {
  const { url } = await example('own-broker')
  expect((await fetch(`${url}/broker?topic=orders`, { method: 'POST', body: 'a book' })).status).toBe(200)
  const written = JSON.parse(await readFile(join(folder(), 'orders.jsonl'), 'utf8'))
  expect(written).toMatchObject({ topic: 'orders', body: Buffer.from('a book').toString('base64') })
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ broker: { name: 'journal', state: 'ok' } })
})

test('micro.config.ts: the greeter answers by path, and through the proxy profile', async () => {
  const anyPort = '--address=127.0.0.1:0'
  const rpc = await listening([anyPort], { cwd: folder() })
  const hello = await fetch(`${rpc.url}/greeter/say/hello`, {
    method: 'POST',
    body: '{"name":"John"}',
    headers: JSON_TYPE,
  })
  expect(await hello.text()).toBe('{"msg":"Hello John"}')
  expect(hello.headers.get('powered-by')).toBe('micro-sidecar')
  const proxy = await listening([anyPort, '--profile=proxy'], { cwd: folder() })
  expect(await (await fetch(`${proxy.url}/greeter/hello?name=John`)).json()).toEqual({ msg: 'Hello John' })
})

test('R27: nothing that a caller sends ends the greeter, and the sidecar with it', async () => {
  const run = await listening(['--address=127.0.0.1:0', '--profile=proxy', '--log-format=json'], { cwd: folder() })
  const { url } = run
  const bodies = ['x', 'null', '{}', '[1]', '{"method":"Say.Hello","params":[null]}', '{"method":"Say.Hello"}']
  const hostile = '{"method":"Say.Hello","params":[{"name":{"toString":1}}]}'
  for (const body of [...bodies, hostile]) {
    expect((await fetch(`${url}/greeter/`, { method: 'POST', body })).status).toBeLessThan(500)
  }
  const headers = { expect: '100-continue', 'content-length': 10 }
  const leaving = request(`${url}/greeter/left`, { method: 'POST', headers }).on('error', () => undefined)
  leaving.on('continue', () => leaving.destroy())
  await run.line(/"path":"\/greeter\/left"/)
  expect(await (await fetch(`${url}/greeter/hello?name=John`)).json()).toEqual({ msg: 'Hello John' })
  expect(run.child.exitCode).toBe(null)
})

function example(name: string) {
  return listening([`--config=examples/${name}/micro.config.ts`, '--address=127.0.0.1:0'], { cwd: folder() })
}

function folder() {
  return join(inject('installed'), 'user')
}
