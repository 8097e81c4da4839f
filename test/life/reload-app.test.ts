import { describe, expect, test, vi } from 'vitest'
import type { MicroConfig, Registry, RegistryEvent, Sidecar } from '../../src/index.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import { httpNode } from '../kit/http-node.js'
import { startSidecar } from '../kit/sidecar.js'

const base: MicroConfig = { address: '127.0.0.1:0', drain: { grace: 500, hard: 1000 }, log: { level: 'silent' } }
const app = { name: 'ns.own', address: '127.0.0.1:7000' }

/** A registry that notes what is done in it. */
function noted(name = 'noted') {
  const inner = memoryRegistry()
  const done: string[] = []
  const registry: Registry = {
    name,
    register: (service, options) => {
      done.push(`+${service.name}`)
      return inner.register(service, options)
    },
    deregister: (service) => {
      done.push(`-${service.name}`)
      return inner.deregister(service)
    },
    getService: (service) => inner.getService(service),
    listServices: () => inner.listServices(),
    watch: (listener) => inner.watch(listener),
    close: () => inner.close(),
  }
  return { registry, done }
}

async function nodesOf(registry: Registry, name: string): Promise<readonly string[]> {
  const services = await registry.getService(name)
  return services.flatMap(({ version, nodes }) =>
    nodes.map(({ port, metadata }) => `${version} ${port} ${metadata.zone ?? ''}`),
  )
}

async function health(sidecar: Sidecar) {
  const answer = await sidecar.fetch('/health')
  const { app } = (await answer.json()) as { app: { name: string; registered: boolean } | null }
  return { status: answer.status, app }
}

describe('R22: the application beside the sidecar across a reload', () => {
  test('is left alone by what does not concern it', async () => {
    const { registry, done } = noted()
    const sidecar = await startSidecar({ ...base, registry, app })
    await vi.waitFor(() => expect(done).toEqual(['+ns.own']))
    for (let i = 0; i < 3; i++) await sidecar.reload({ ...base, registry, app, client: { timeout: 1000 + i } })
    expect(await nodesOf(registry, 'ns.own')).toHaveLength(1)
    expect(done).toEqual(['+ns.own'])
  })

  test('metadata, version and intervals: the same node, at no moment gone', async () => {
    const { registry, done } = noted()
    const sidecar = await startSidecar({ ...base, registry, app })
    await vi.waitFor(() => expect(done).toHaveLength(1))
    const events: RegistryEvent[] = []
    registry.watch((event) => events.push(event))
    await sidecar.reload({ ...base, registry, app: { ...app, metadata: { zone: 'b' }, ttl: '60s' } })
    await vi.waitFor(async () => expect(await nodesOf(registry, 'ns.own')).toEqual([' 7000 b']))
    expect(events.map(({ action }) => action)).toEqual(['update'])
    await sidecar.reload({ ...base, registry, app: { ...app, version: '2' } })
    await vi.waitFor(async () => expect(await nodesOf(registry, 'ns.own')).toEqual(['2 7000 ']))
    expect(done).not.toContain('-ns.own')
  })

  test('name and address: the new one is in before the old one is out', async () => {
    const { registry, done } = noted()
    const sidecar = await startSidecar({ ...base, registry, app })
    await vi.waitFor(() => expect(done).toHaveLength(1))
    await sidecar.reload({ ...base, registry, app: { ...app, name: 'ns.other' } })
    await vi.waitFor(() => expect(done).toEqual(['+ns.own', '+ns.other', '-ns.own']))
    await sidecar.reload({ ...base, registry, app: { name: 'ns.other', address: '127.0.0.1:7001' } })
    await vi.waitFor(async () => expect(await nodesOf(registry, 'ns.other')).toEqual([' 7001 ']))
    expect((await health(sidecar)).app).toMatchObject({ name: 'ns.other', registered: true })
  })

  test('another registry: in the new one, then out of the old one, which is closed behind that', async () => {
    const [one, two] = [noted('one'), noted('two')]
    const closed = vi.spyOn(one.registry, 'close')
    const sidecar = await startSidecar({ ...base, registry: one.registry, app })
    await vi.waitFor(() => expect(one.done).toHaveLength(1))
    await sidecar.reload({ ...base, registry: two.registry, app })
    await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1))
    expect(one.done).toEqual(['+ns.own', '-ns.own'])
    expect(two.done).toEqual(['+ns.own'])
    expect(sidecar.registry.name).toBe('two')
  })

  test('comes and goes', async () => {
    const { registry, done } = noted()
    const sidecar = await startSidecar({ ...base, registry })
    expect((await health(sidecar)).app).toBe(null)
    await sidecar.reload({ ...base, registry, app })
    await vi.waitFor(async () => expect((await health(sidecar)).app).toMatchObject({ registered: true }))
    await sidecar.reload({ ...base, registry })
    await vi.waitFor(() => expect(done).toEqual(['+ns.own', '-ns.own']))
    expect((await health(sidecar)).app).toBe(null)
  })

  test('another health check: what was well stays in while it is asked anew, and leaves where it fails', async () => {
    const well = await httpNode((_request, response) => response.end())
    const ill = await httpNode((_request, response) => void response.writeHead(500).end())
    const check = (port: number) => ({ url: `http://127.0.0.1:${port}/`, interval: 50, timeout: 50, unhealthy: 3 })
    const { registry, done } = noted()
    const sidecar = await startSidecar({ ...base, registry, app: { ...app, healthcheck: check(well.port) } })
    await vi.waitFor(() => expect(done).toEqual(['+ns.own']))
    const seen = new Set<number>()
    await sidecar.reload({ ...base, registry, app: { ...app, healthcheck: { ...check(well.port), unhealthy: 2 } } })
    for (let i = 0; i < 20; i++) seen.add((await health(sidecar)).status)
    expect([...seen]).toEqual([200])
    expect(done).not.toContain('-ns.own')
    await sidecar.reload({ ...base, registry, app: { ...app, healthcheck: check(ill.port) } })
    expect((await health(sidecar)).status).toBe(200)
    await vi.waitFor(() => expect(done.at(-1)).toBe('-ns.own'))
    expect((await health(sidecar)).status).toBe(500)
    expect(ill.requests.length).toBeGreaterThanOrEqual(3)
  })

  test('one that was ill gets in where the new check passes', async () => {
    const ill = await httpNode((_request, response) => void response.writeHead(500).end())
    const { registry, done } = noted()
    const healthcheck = { url: `http://127.0.0.1:${ill.port}/`, interval: 50, timeout: 50 }
    const sidecar = await startSidecar({ ...base, registry, app: { ...app, healthcheck } })
    await vi.waitFor(async () => expect((await health(sidecar)).status).toBe(500))
    await sidecar.reload({ ...base, registry, app })
    await vi.waitFor(() => expect(done).toEqual(['+ns.own']))
    expect((await health(sidecar)).status).toBe(200)
  })
})
