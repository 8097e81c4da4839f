import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { AppProcess } from '../../src/app/app-process.js'
import { serviceOf } from '../../src/app/service.js'
import { createSidecar, type MicroConfig, type Registry, type Sidecar } from '../../src/index.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import { httpNode } from '../kit/http-node.js'
import { listen, startSidecar } from '../kit/sidecar.js'

const NAME = 'shop.cart'

afterEach(() => vi.restoreAllMocks())

async function nodesOf(sidecar: Sidecar) {
  return (await sidecar.registry.getService(NAME)).flatMap((service) => service.nodes)
}

async function healthOf(sidecar: Sidecar) {
  const answer = await sidecar.fetch('/health')
  return { code: answer.status, ...((await answer.json()) as Record<string, unknown>) }
}

describe('registered', () => {
  test('at the start as it is described, under NAME-<uuid>, and out at the stop', async () => {
    const registry = lasting()
    const sidecar = await startSidecar({
      registry,
      app: { name: NAME, address: ':9090', version: '1.2.0', metadata: { weight: '3', protocol: 'http' } },
    })
    const [service] = await sidecar.registry.getService(NAME)
    expect(service).toMatchObject({ name: NAME, version: '1.2.0' })
    expect(service?.nodes).toEqual([
      { id: expect.any(String), address: '127.0.0.1', port: 9090, metadata: { weight: '3', protocol: 'http' } },
    ])
    expect(service?.nodes[0]?.id).toMatch(/^shop\.cart-[0-9a-f-]{36}$/)
    await sidecar.stop()
    expect(await registry.listServices()).toEqual([])
  })

  test('R18: a second life after a sudden death is the same node', async () => {
    const registry = lasting()
    const app = { name: NAME, address: '127.0.0.1:9090' }
    const first = await startSidecar({ registry, app })
    vi.spyOn(registry, 'deregister').mockRejectedValueOnce(new Error('killed before it could'))
    await first.stop()
    const second = await startSidecar({ registry, app })
    expect(await nodesOf(second)).toHaveLength(1)
  })

  test('R12: with the registry away the start works, and heals', async () => {
    const registry = lasting()
    const away = vi.spyOn(registry, 'register').mockRejectedValueOnce(new Error('connect ECONNREFUSED'))
    const sidecar = await startSidecar({ registry, app: { name: NAME, address: '127.0.0.1:9090' } })
    expect(await healthOf(sidecar)).toMatchObject({ code: 200, app: { healthy: true, registered: false } })
    await vi.waitFor(() => expect(away).toHaveBeenCalledTimes(2), 3000)
    expect(await healthOf(sidecar)).toMatchObject({ app: { registered: true } })
  })

  test('R4: out of the registry before the listener closes, with /health 503 from the first moment', async () => {
    const registry = lasting()
    const { deregister } = registry
    const seen: string[] = []
    const sidecar = await startSidecar({ registry, app: { name: NAME, address: '127.0.0.1:9090' } })
    vi.spyOn(registry, 'deregister').mockImplementation(async (service) => {
      seen.push(`/health ${(await sidecar.fetch('/health')).status}, /livez ${(await sidecar.fetch('/livez')).status}`)
      await deregister.call(registry, service)
    })
    const { url } = sidecar
    await sidecar.stop()
    expect(seen).toEqual(['/health 503, /livez 200'])
    await expect(fetch(`${url}/livez`)).rejects.toThrow()
  })

  test('a registry that hangs does not hold up the stop', async () => {
    const registry = lasting()
    const app = { name: NAME, address: '127.0.0.1:9090' }
    const sidecar = await startSidecar({ registry, app, drain: { grace: 100, hard: 400 } })
    vi.spyOn(registry, 'deregister').mockReturnValue(new Promise(() => {}))
    const began = performance.now()
    await sidecar.stop()
    expect(performance.now() - began).toBeLessThan(400)
  })

  test('a loopback address in a shared registry is warned about, once and loudly', async () => {
    const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), access: vi.fn(), flush: vi.fn() }
    const surroundings = (name: string) => {
      const registry = { ...lasting(), name }
      return { registry, choice: { kind: 'named' as const, name, options: { address: '127.0.0.1:8500' } }, log }
    }
    const app = {
      ...{ name: NAME, address: '127.0.0.1:9090', advertise: undefined, version: '', metadata: {} },
      ...{ ttl: 90_000, interval: 30_000, healthcheck: undefined },
    }
    const describe = serviceOf(app, surroundings('consul'))
    await describe()
    await describe()
    expect(log.warn).toHaveBeenCalledTimes(1)
    expect(log.warn.mock.calls[0]?.[0]).toMatch(/LOOPBACK ADDRESS.*app\.advertise/)
    expect(log.warn.mock.calls[0]?.[1]).toEqual({ address: '127.0.0.1:9090', registry: 'consul' })
    const right = await serviceOf({ ...app, advertise: '10.0.0.7' }, surroundings('consul'))()
    expect(right.nodes[0]).toMatchObject({ address: '10.0.0.7', port: 9090 })
    expect(log.warn).toHaveBeenCalledTimes(1)
  })
})

describe('/health', () => {
  test('without an application', async () => {
    const sidecar = await startSidecar()
    const registry = { name: 'memory' }
    const broker = { name: 'memory', state: 'ok', guarantee: 'at-most-once' }
    const expected = { code: 200, status: 'ok', app: null, registry, broker, draining: false }
    expect(await healthOf(sidecar)).toEqual(expected)
    expect(Object.keys(Object(await (await sidecar.fetch('/health')).json()))).toEqual([
      ...['status', 'app', 'registry', 'broker', 'draining'],
    ])
  })

  test('the state and age of a registry that tells them', async () => {
    const registry = { ...lasting(), status: () => ({ state: 'stale' as const, age: 1500.2 }) }
    const sidecar = await startSidecar({ registry })
    expect(await healthOf(sidecar)).toMatchObject({ registry: { name: 'memory', state: 'stale', age: 1500 } })
  })

  test('the application’s own failing status, and 503 where it gave none', async () => {
    let status = 200
    const app = await httpNode((_request, response) => void response.writeHead(status).end())
    const sidecar = await startSidecar(checked(app.port))
    await vi.waitFor(async () => expect(await healthOf(sidecar)).toMatchObject({ code: 200 }), 2000)
    expect((await sidecar.fetch('/readyz')).status).toBe(200)
    status = 507
    await vi.waitFor(async () => expect(await healthOf(sidecar)).toMatchObject({ code: 507 }), 3000)
    expect(await healthOf(sidecar)).toEqual({
      ...{ code: 507, status: 'failing', registry: { name: 'memory' }, draining: false },
      broker: { name: 'memory', state: 'ok', guarantee: 'at-most-once' },
      app: {
        name: NAME,
        healthy: false,
        registered: false,
        checkedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        status: 507,
      },
    })
    expect((await sidecar.fetch('/readyz')).status).toBe(200)
    expect((await sidecar.fetch('/livez')).status).toBe(200)
    status = 304
    await vi.waitFor(async () => expect(await healthOf(sidecar)).toMatchObject({ code: 503 }), 2000)
  })

  test('before the first check has ended it is not well', async () => {
    const app = await httpNode(() => {})
    const sidecar = await startSidecar(checked(app.port))
    expect(await healthOf(sidecar)).toMatchObject({ code: 503, status: 'failing', app: { healthy: false } })
    expect(await nodesOf(sidecar)).toEqual([])
  })
})

describe('R15: health gates registration', () => {
  test('200, 500, hangs, refuses, 200, flaps', async () => {
    const app = await application()
    const sidecar = await startSidecar(checked(app.port))
    const times = timesOf(sidecar)
    const bound = { out: 200 * 3 + 500, in: 200 }
    // What the machine is busy with otherwise comes on top of what is promised.
    const slack = 250
    await times.next('create')
    for (const way of ['fails', 'hangs', 'refuses'] as const) {
      const fell = performance.now()
      await app.become(way)
      expect((await times.next('delete')) - fell, way).toBeLessThan(bound.out + slack)
      expect((await healthOf(sidecar)).code, way).toBe(way === 'fails' ? 500 : 503)
      const rose = performance.now()
      await app.become('well')
      expect((await times.next('create')) - rose, way).toBeLessThan(bound.in + slack)
      await vi.waitFor(async () => expect((await healthOf(sidecar)).code, way).toBe(200), 1000)
    }
    const before = times.seen
    await app.become('flaps')
    const looks = app.looks
    await vi.waitFor(() => expect(app.looks).toBeGreaterThan(looks + 6), 4000)
    expect(times.seen).toBe(before)
  })
})

describe('as a child', () => {
  const waitsForSignal = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)`
  const serves = (port: number) =>
    `require('http').createServer((q, r) => r.end()).listen(${port}, '127.0.0.1'); ${waitsForSignal}`

  test('it is registered once its port takes a connection, and is stopped with the sidecar', async () => {
    const port = await freePort()
    const registry = lasting()
    const command = [process.execPath, '-e', `setTimeout(() => { ${serves(port)} }, 300)`]
    const sidecar = await startSidecar({
      ...{ registry, app: { name: NAME, address: `:${port}`, command } },
      drain: { grace: 500, hard: 5000 },
    })
    expect(await healthOf(sidecar)).toMatchObject({ code: 503, app: { healthy: false, registered: false } })
    await vi.waitFor(async () => expect(await nodesOf(sidecar)).toHaveLength(1), 5000)
    await sidecar.stop()
    expect(await registry.listServices()).toEqual([])
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
  })

  test('when it ends by itself it leaves the registry, and the sidecar stops', async () => {
    const port = await freePort()
    const registry = lasting()
    const command = [process.execPath, '-e', `${serves(port)}; setTimeout(() => process.exit(3), 1500)`]
    const sidecar = await startSidecar({ registry, app: { name: NAME, address: `:${port}`, command } })
    const stopped = new Promise<void>((resolve) => sidecar.on('stopped', resolve))
    await vi.waitFor(async () => expect(await nodesOf(sidecar)).toHaveLength(1), 5000)
    await stopped
    expect(await registry.listServices()).toEqual([])
  })

  test('a program that is none stops the sidecar, and nothing is thrown', async () => {
    const app = { name: NAME, address: ':9', command: ['/nonexistent/program'] }
    const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' }, app })
    const stopped = new Promise<void>((resolve) => sidecar.on('stopped', resolve))
    await sidecar.start()
    await stopped
  })

  test('a name that no program can have rejects the start, and what had started is stopped', async () => {
    const app = { command: ['a\0b'] }
    const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' }, app })
    await expect(sidecar.start()).rejects.toThrow('null bytes')
    await expect(sidecar.fetch('/livez')).rejects.toThrow()
  })

  test.each([
    [['node', '-e', 'process.exit(9)'], { code: 9 }],
    [['node', '-e', 'process.kill(process.pid, "SIGKILL")'], { code: 137 }],
    [['/nonexistent/program'], { code: 127, complaint: 'cannot start /nonexistent/program: there is no such program' }],
    [['/'], { code: 126, complaint: 'cannot start /: it is not a program that this user may run' }],
  ])('%j ends as %j', async (command, end) => {
    const child = new AppProcess(command, {})
    expect(await child.ended).toEqual(end)
    expect(child.end).toEqual(end)
    child.signal('SIGTERM')
    child.kill()
  })
})

/** A registry that outlives its sidecars. */
function lasting(): Registry {
  const inner = memoryRegistry()
  return {
    name: 'memory',
    register: (service, options) => inner.register(service, options),
    deregister: (service) => inner.deregister(service),
    getService: (name) => inner.getService(name),
    listServices: () => inner.listServices(),
    watch: (listener) => inner.watch(listener),
    close: async () => {},
  }
}

function checked(port: number): MicroConfig {
  const healthcheck = { url: `http://127.0.0.1:${port}/health`, interval: 200 }
  return { app: { name: NAME, address: `127.0.0.1:${port}`, healthcheck } }
}

type Way = 'well' | 'fails' | 'hangs' | 'refuses' | 'flaps'

/** An application whose health is as the test wants it. */
async function application() {
  let way: Way = 'well'
  let looks = 0
  const answer = (response: ServerResponse) => {
    looks++
    if (way !== 'hangs') response.writeHead(way === 'fails' || (way === 'flaps' && looks % 3 !== 0) ? 500 : 200).end()
  }
  const server = createServer((_request, response) => answer(response))
  const port = await listen(server)
  return {
    port,
    get looks() {
      return looks
    },
    async become(next: Way) {
      const before = way
      way = next
      if (next === 'refuses') server.close()
      if (before === 'refuses') await once(server.listen(port, '127.0.0.1'), 'listening')
      if (before === 'hangs' || next === 'refuses') server.closeAllConnections()
    },
  }
}

/** When the registry told of what. */
function timesOf(sidecar: Sidecar) {
  const waiting: { action: string; time: number }[] = []
  let seen = 0
  sidecar.registry.watch(({ action }) => {
    seen++
    waiting.push({ action, time: performance.now() })
  })
  return {
    get seen() {
      return seen
    },
    async next(action: string): Promise<number> {
      await vi.waitFor(() => expect(waiting).not.toEqual([]), { timeout: 5000, interval: 5 })
      const event = waiting.shift()
      expect(event?.action).toBe(action)
      return event?.time ?? 0
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
