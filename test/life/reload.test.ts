import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import {
  createSidecar,
  type MicroConfig,
  type Middleware,
  type Plugin,
  type Registry,
  type Sidecar,
} from '../../src/index.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import { httpNode } from '../kit/http-node.js'
import { closeAfterwards, register, startSidecar } from '../kit/sidecar.js'

const base: MicroConfig = {
  address: '127.0.0.1:0',
  registry: 'memory',
  handler: 'proxy',
  namespace: 'ns',
  drain: { grace: 500, hard: 1000 },
  log: { level: 'silent' },
}

/** A sidecar before a node that says its path, or waits where that is `/app/wait` until it is told to go on. */
async function setUp(config: MicroConfig = {}) {
  const waiting: (() => void)[] = []
  const node = await httpNode((request, response) => {
    if (request.url === '/app/wait') waiting.push(() => response.end('waited'))
    else response.end(request.url)
  })
  const sidecar = await startSidecar({ ...base, ...config })
  await register(sidecar, 'ns.app', node.port)
  return { sidecar, node, waiting }
}

async function text(sidecar: Sidecar, path: string, init?: RequestInit): Promise<string> {
  return (await sidecar.fetch(path, init)).text()
}

async function status(sidecar: Sidecar, path: string, init?: RequestInit): Promise<number> {
  const answer = await sidecar.fetch(path, init)
  await answer.arrayBuffer()
  return answer.status
}

async function watch(sidecar: Sidecar): Promise<WebSocket> {
  const watcher = new WebSocket(`${sidecar.url.replace('http', 'ws')}/registry`)
  await once(watcher, 'open')
  return watcher
}

function answering(word: string): MicroConfig {
  return { ...base, middleware: [{ name: word, onRequest: (context) => context.answer(200, word) }] }
}

function signing(word: string): Middleware {
  return {
    name: word,
    onResponse({ response }) {
      if (response !== undefined) response.headers['x-by'] = word
    },
  }
}

/** Says what happens to it. */
function told(name: string, seen: string[], more: Partial<Plugin> = {}): Plugin {
  return { name, start: () => void seen.push(`${name} starts`), stop: () => void seen.push(`${name} stops`), ...more }
}

describe('R22: what a reload brings into force', () => {
  test('namespace', async () => {
    const { sidecar } = await setUp()
    await sidecar.reload({ ...base, namespace: 'other' })
    expect(await status(sidecar, '/app/x')).toBe(404)
    expect(sidecar.config.namespace).toBe('other')
  })

  test('handler', async () => {
    const { sidecar } = await setUp()
    await sidecar.reload({ ...base, handler: 'rpc' })
    expect(await status(sidecar, '/app/x')).toBe(405)
  })

  test('cors', async () => {
    const { sidecar } = await setUp()
    const init = { headers: { Origin: 'http://a.example' } }
    expect((await sidecar.fetch('/app/x', init)).headers.get('access-control-allow-origin')).toBe(null)
    await sidecar.reload({ ...base, cors: ['http://a.example'] })
    expect((await sidecar.fetch('/app/x', init)).headers.get('access-control-allow-origin')).toBe('http://a.example')
  })

  test('auth, and what stays is who may use admin paths because of where it listens', async () => {
    const { sidecar } = await setUp()
    await sidecar.reload({ ...base, address: ':0', auth: { token: 'sesame' } })
    expect(await status(sidecar, '/registry')).toBe(401)
    expect(await status(sidecar, '/registry', { headers: { Authorization: 'Bearer sesame' } })).toBe(200)
    await sidecar.reload({ ...base, auth: { token: 'other' } })
    expect(await status(sidecar, '/registry', { headers: { Authorization: 'Bearer sesame' } })).toBe(403)
  })

  test('limits', async () => {
    const { sidecar } = await setUp()
    const init = { headers: { 'x-long': 'x'.repeat(3000) } }
    expect(await status(sidecar, '/app/x', init)).toBe(200)
    await sidecar.reload({ ...base, limits: { headers: 2000, headerCount: 20 } })
    expect(await status(sidecar, '/app/x', { ...init, headers: { ...init.headers, Connection: 'close' } })).toBe(431)
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x-${i}`, '1']))
    expect(await status(sidecar, '/app/x', { headers: many })).toBe(431)
    await sidecar.reload(base)
    expect(await status(sidecar, '/app/x', { headers: many })).toBe(200)
  })

  test('client and services', async () => {
    const { sidecar, waiting } = await setUp()
    await sidecar.reload({ ...base, client: { timeout: 50 } })
    expect(await status(sidecar, '/app/wait')).toBe(504)
    await sidecar.reload({ ...base, client: { timeout: 50 }, services: { 'ns.app': { timeout: '5s' } } })
    const answer = text(sidecar, '/app/wait')
    await vi.waitFor(() => expect(waiting).toHaveLength(2))
    setTimeout(() => waiting[1]?.(), 100)
    expect(await answer).toBe('waited')
  })

  test('middleware, moments and Express functions', async () => {
    const { sidecar } = await setUp(answering('old'))
    expect(await text(sidecar, '/app/x')).toBe('old')
    await sidecar.reload(answering('new'))
    expect(await text(sidecar, '/app/x')).toBe('new')
    await sidecar.reload({ ...base, middleware: [(_request, response) => void response.end('express')] })
    expect(await text(sidecar, '/app/x')).toBe('express')
    await sidecar.reload(base)
    expect(await text(sidecar, '/app/x')).toBe('/app/x')
  })

  test('plugins: their routes, codecs and balancers', async () => {
    const { sidecar, node } = await setUp()
    await register(sidecar, 'ns.app', node.port, {}, 'zz')
    const picked = vi.fn()
    const plugin: Plugin = {
      name: 'mine',
      routes: [{ path: '/mine', handle: (_request, response) => void response.end('mine') }],
      balancer: {
        name: 'mine',
        pick: (candidates) => {
          picked()
          return candidates[0] as NonNullable<(typeof candidates)[0]>
        },
      },
    }
    await sidecar.reload({ ...base, client: { balancer: 'mine' }, plugins: [plugin] })
    expect(await text(sidecar, '/mine')).toBe('mine')
    expect(await text(sidecar, '/app/x')).toBe('/app/x')
    expect(picked).toHaveBeenCalledTimes(1)
    await sidecar.reload(base)
    expect(await status(sidecar, '/mine')).toBe(404)
  })

  test('log: level, and whether calls are written', async () => {
    const written: string[] = []
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((chunk, ...rest) => {
      written.push(String(chunk))
      for (const one of rest) if (typeof one === 'function') one()
      return true
    })
    closeAfterwards(() => write.mockRestore())
    const { sidecar } = await setUp()
    await text(sidecar, '/app/before')
    await sidecar.reload({ ...base, log: { level: 'info', format: 'json' } })
    await text(sidecar, '/app/after')
    await vi.waitFor(() => expect(written.join('')).toContain('/app/after'))
    expect(written.join('')).not.toContain('/app/before')
  })

  test('registry: other nodes are called, what watches the old one is told to come again', async () => {
    const { sidecar, node } = await setUp()
    expect(await status(sidecar, '/app/x')).toBe(200)
    const other = await httpNode((_request, response) => response.end('other'))
    const services = [{ name: 'ns.app', nodes: [{ id: 'a', address: '127.0.0.1', port: other.port }] }]
    const watcher = await watch(sidecar)
    const closed = once(watcher, 'close')
    await sidecar.reload({ ...base, registry: { name: 'static', services } })
    expect(await text(sidecar, '/app/x')).toBe('other')
    expect(node.requests).toHaveLength(1)
    expect((await closed)[0]).toBe(1001)
  })

  test('what wants a restart is logged with its key and stays', async () => {
    const { sidecar } = await setUp()
    const lines: string[] = []
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0)
    closeAfterwards(() => write.mockRestore())
    const { url } = sidecar
    await sidecar.reload({ ...base, address: '127.0.0.1:1', app: { command: ['x'] }, log: { level: 'warn' } })
    await vi.waitFor(() =>
      expect(lines.join('')).toMatch(/change of address needs a restart[\s\S]*change of app\.command/),
    )
    expect(sidecar.url).toBe(url)
    expect(sidecar.config.address).toBe('127.0.0.1:0')
    expect(await status(sidecar, '/livez')).toBe(200)
  })
})

describe('R22: calls across a reload', () => {
  test('one in flight ends on the old middleware, a new one has the new', async () => {
    const config = (word: string): MicroConfig => ({ ...base, middleware: [signing(word)] })
    const { sidecar, waiting } = await setUp(config('old'))
    const flying = sidecar.fetch('/app/wait')
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    await sidecar.reload(config('new'))
    expect((await sidecar.fetch('/app/x')).headers.get('x-by')).toBe('new')
    waiting[0]?.()
    const answer = await flying
    expect(answer.headers.get('x-by')).toBe('old')
    expect(await answer.text()).toBe('waited')
  })

  test('plugins: the new start before the swap, the old stop after their last call, what is the same goes on', async () => {
    const seen: string[] = []
    const stays = told('stays', seen)
    const { sidecar, waiting } = await setUp({ plugins: [told('one', seen), stays, told('two', seen)] })
    const flying = sidecar.fetch('/app/wait')
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    seen.length = 0
    const start = (view: Sidecar) => void seen.push(`three starts, ${view.config.namespace}`)
    await sidecar.reload({ ...base, namespace: 'new', plugins: [stays, told('three', seen, { start })] })
    expect(seen).toEqual(['three starts, new'])
    waiting[0]?.()
    await (await flying).text()
    await vi.waitFor(() => expect(seen).toEqual(['three starts, new', 'two stops', 'one stops']))
    await sidecar.stop()
    expect(seen.slice(3)).toEqual(['three stops', 'stays stops'])
  })

  test('kept connections survive what does not concern them', async () => {
    const { sidecar, node } = await setUp()
    for (let i = 0; i < 10; i++) await text(sidecar, '/app/x')
    const { connections } = node
    const { registry } = sidecar
    await sidecar.reload({ ...base, client: { timeout: '3s' }, cors: ['http://a.example'] })
    for (let i = 0; i < 10; i++) await text(sidecar, '/app/x')
    expect(node.connections).toBe(connections)
    expect(sidecar.registry).toBe(registry)
    await sidecar.reload({ ...base, client: { pool: { connections: 7 } } })
    await text(sidecar, '/app/x')
    expect(node.connections).toBe(connections + 1)
  })

  test('breakers survive, unless their own settings change', async () => {
    const { sidecar } = await setUp()
    const bad = await httpNode((_request, response) => void response.writeHead(500).end())
    const good = await httpNode((_request, response) => response.end('good'))
    await register(sidecar, 'ns.two', bad.port)
    await register(sidecar, 'ns.two', good.port)
    const client = { balancer: 'round-robin', breaker: { volumeThreshold: 2, openTime: '60s' } } as const
    await sidecar.reload({ ...base, client })
    for (let i = 0; i < 10; i++) await text(sidecar, '/two/x')
    const { length } = bad.requests
    await sidecar.reload({ ...base, client: { ...client, timeout: '3s' } })
    for (let i = 0; i < 10; i++) await text(sidecar, '/two/x')
    expect(bad.requests).toHaveLength(length)
    await sidecar.reload({ ...base, client: { ...client, breaker: { volumeThreshold: 3, openTime: '60s' } } })
    for (let i = 0; i < 10; i++) await text(sidecar, '/two/x')
    expect(bad.requests.length).toBeGreaterThan(length)
  })

  test('many calls while it reloads again and again: none fails', async () => {
    const { sidecar } = await setUp()
    let over = false
    const results: string[] = []
    const callers = Array.from({ length: 8 }, async () => {
      while (!over) results.push(await text(sidecar, '/app/x'))
    })
    for (let i = 0; i < 50; i++) {
      await sidecar.reload({ ...base, client: { timeout: 1000 + i } })
      await pause(5)
    }
    over = true
    await Promise.all(callers)
    expect(results.length).toBeGreaterThan(50)
    expect(new Set(results)).toEqual(new Set(['/app/x']))
  })

  test('a WebSocket goes on through it, and is told when the sidecar stops', async () => {
    const { sidecar } = await setUp()
    const watcher = await watch(sidecar)
    const messages: string[] = []
    watcher.on('message', (data) => messages.push(String(data)))
    const closed = once(watcher, 'close')
    for (let i = 0; i < 3; i++) await sidecar.reload({ ...base, client: { timeout: 1000 + i } })
    await register(sidecar, 'ns.later', 1)
    await vi.waitFor(() => expect(messages.join('')).toContain('ns.later'))
    await sidecar.stop()
    expect((await closed)[0]).toBe(1001)
  })
})

describe('R22: a reload that fails changes nothing', () => {
  test('a wrong configuration: a ConfigError', async () => {
    const { sidecar } = await setUp(answering('old'))
    const before = sidecar.config
    await expect(sidecar.reload({ ...base, client: { retries: -1 } })).rejects.toThrow(/client\.retries/)
    await expect(sidecar.reload({ ...base, registry: 'nobody-has-it' })).rejects.toThrow(/registry/)
    expect(sidecar.config).toBe(before)
    expect(await text(sidecar, '/app/x')).toBe('old')
  })

  test('R27: a plugin that does not start; what had started is stopped, what runs goes on', async () => {
    const seen: string[] = []
    const stays = told('stays', seen)
    const { sidecar } = await setUp({ plugins: [stays], ...answering('old') })
    await sidecar.reload({ ...answering('old'), plugins: [stays] })
    seen.length = 0
    const bad = told('bad', seen, { start: () => Promise.reject(new Error('no luck')) })
    await expect(sidecar.reload({ ...base, plugins: [stays, told('good', seen), bad] })).rejects.toThrow(
      'plugin bad did not start: no luck',
    )
    expect(seen).toEqual(['good starts', 'bad stops', 'good stops'])
    expect(await text(sidecar, '/app/x')).toBe('old')
  })

  test('R27: a plugin that never starts: drain.hard is the limit', async () => {
    const { sidecar } = await setUp()
    const hangs: Plugin = { name: 'hangs', start: () => new Promise(() => {}), stop: () => new Promise(() => {}) }
    await expect(sidecar.reload({ ...base, plugins: [hangs] })).rejects.toThrow(/within 1000 ms/)
    expect(await text(sidecar, '/app/x')).toBe('/app/x')
  })

  test('a route that Express would choke on', async () => {
    const { sidecar } = await setUp()
    const plugins: Plugin[] = [{ name: 'odd', routes: [{ path: '/a*', handle: () => {} }] }]
    await expect(sidecar.reload({ ...base, plugins })).rejects.toThrow('plugin odd has a route at /a*')
    expect(await text(sidecar, '/app/x')).toBe('/app/x')
  })

  test('another registry that does not answer: the old one goes on', async () => {
    const { sidecar } = await setUp()
    expect(await status(sidecar, '/app/x')).toBe(200)
    const closed = vi.fn(async () => {})
    const dead: Registry = {
      ...memoryRegistry(),
      name: 'dead',
      getService: () => Promise.reject(new Error('gone')),
      register: async () => {},
      deregister: async () => {},
      listServices: async () => [],
      watch: () => () => {},
      close: closed,
    }
    await expect(sidecar.reload({ ...base, registry: dead })).rejects.toThrow('gone')
    expect(closed).toHaveBeenCalledTimes(1)
    expect(await status(sidecar, '/app/x')).toBe(200)
  })

  test('before the start and after the stop there is nothing to reload', async () => {
    const sidecar = await createSidecar(base)
    await expect(sidecar.reload(base)).rejects.toThrow('this one is new')
    await sidecar.start()
    await sidecar.stop()
    await expect(sidecar.reload(base)).rejects.toThrow('this one is stopped')
  })
})

describe('R22: reloads that overlap', () => {
  test('are done one at a time, and of those that wait the last', async () => {
    const seen: string[] = []
    const slow = (name: string) => told(name, seen, { start: () => new Promise((resolve) => setTimeout(resolve, 50)) })
    const { sidecar } = await setUp()
    const reloads = ['a', 'b', 'c', 'd'].map((name) => sidecar.reload({ ...base, name, plugins: [slow(name)] }))
    await Promise.all(reloads)
    expect(sidecar.config.name).toBe('d')
    await vi.waitFor(() => expect(seen).toEqual(['a stops']))
  })
})
