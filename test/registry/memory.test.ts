import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Node, RegistryEvent, Service } from '../../src/registry/registry.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'

registryConformance('memory', memoryRegistry, { test }, { ttl: 100 })

registryConformance(
  'memory, on a fake clock,',
  () => {
    vi.useFakeTimers()
    return memoryRegistry()
  },
  { test },
  { ttl: 60_000, pass: (milliseconds) => vi.advanceTimersByTimeAsync(milliseconds) },
)

afterEach(() => {
  vi.useRealTimers()
})

function service(name: string, nodes: readonly Node[], fields: Partial<Service> = {}): Service {
  return { name, version: '1', metadata: {}, endpoints: [], nodes, ...fields }
}

function node(id: string, fields: Partial<Node> = {}): Node {
  return { id, address: '127.0.0.1', port: 1000, metadata: {}, ...fields }
}

describe('R14: ttl in memory', () => {
  it('runs one timer for all nodes, and none after DELETE', async () => {
    vi.useFakeTimers()
    const registry = memoryRegistry()
    const nodes = Array.from({ length: 100 }, (_, i) => node(`n${i}`))
    for (const [i, one] of nodes.entries()) await registry.register(service(`s${i % 7}`, [one]), { ttl: 1000 + i })
    expect(vi.getTimerCount()).toBe(1)
    for (const [i, one] of nodes.entries()) await registry.deregister(service(`s${i % 7}`, [one]))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind after close', async () => {
    vi.useFakeTimers()
    const registry = memoryRegistry()
    await registry.register(service('a', [node('a1')]), { ttl: 1000 })
    await registry.close()
    expect(vi.getTimerCount()).toBe(0)
    await expect(registry.register(service('a', [node('a1')]), { ttl: 1000 })).rejects.toMatchObject({ code: 503 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('expires each node at its own moment, to the millisecond', async () => {
    vi.useFakeTimers()
    const registry = memoryRegistry()
    const ttls = [700, 20, 300, 20, 5000, 1, 64, 65, 299]
    for (const [i, ttl] of ttls.entries()) await registry.register(service('a', [node(`n${i}`)]), { ttl })
    for (let now = 1; now <= 5000; now++) {
      await vi.advanceTimersByTimeAsync(1)
      const left = (await registry.getService('a')).flatMap(({ nodes }) => nodes.map(({ id }) => id))
      expect(left).toEqual([...ttls.keys()].filter((i) => (ttls[i] ?? 0) > now).map((i) => `n${i}`))
    }
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits longer than a timer can, and ignores steps of the wall clock', async () => {
    vi.useFakeTimers()
    const registry = memoryRegistry()
    const month = 30 * 24 * 3_600_000
    await registry.register(service('a', [node('a1')]), { ttl: month })
    vi.setSystemTime(Date.now() + 10 * month)
    await vi.advanceTimersByTimeAsync(month - 10)
    expect(await registry.getService('a')).toHaveLength(1)
    vi.setSystemTime(0)
    await vi.advanceTimersByTimeAsync(10)
    expect(await registry.getService('a')).toEqual([])
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a ttl of %d and changes nothing', async (ttl) => {
    const registry = memoryRegistry()
    await expect(registry.register(service('a', [node('a1')]), { ttl })).rejects.toMatchObject({ code: 400 })
    expect(await registry.listServices()).toEqual([])
  })

  it('lets nodes that end together leave in one event', async () => {
    vi.useFakeTimers()
    const registry = memoryRegistry()
    await registry.register(service('a', [node('a1'), node('a2'), node('a3')]), { ttl: 50 })
    const events: RegistryEvent[] = []
    registry.watch((event) => events.push(event))
    await vi.advanceTimersByTimeAsync(50)
    expect(events.map(({ action }) => action)).toEqual(['delete'])
    expect(events[0]?.service.nodes.map(({ id }) => id).sort()).toEqual(['a1', 'a2', 'a3'])
  })
})

describe('events in memory', () => {
  it('tells of both versions when a node moves', async () => {
    const registry = memoryRegistry()
    const events: string[] = []
    await registry.register(service('a', [node('a1')]))
    registry.watch(({ action, service: { version } }) => events.push(`${action} ${version}`))
    await registry.register(service('a', [node('a1')], { version: '2' }))
    expect(events).toEqual(['create 2', 'delete 1'])
  })

  it('tells of changed metadata and endpoints alone', async () => {
    const registry = memoryRegistry()
    const events: RegistryEvent[] = []
    await registry.register(service('a', [node('a1')]))
    registry.watch((event) => events.push(event))
    await registry.register(service('a', [node('a1')], { metadata: { team: 'b' } }))
    await registry.register(service('a', [node('a1', { metadata: { weight: '2' } })], { metadata: { team: 'b' } }))
    expect(events.map(({ action }) => action)).toEqual(['update', 'update'])
    expect(events[1]?.service.metadata).toMatchObject({ team: 'b' })
  })

  it('keeps one order for all when a listener registers', async () => {
    const registry = memoryRegistry()
    const first: string[] = []
    const second: string[] = []
    registry.watch(({ action, service: { name } }) => {
      first.push(`${action} ${name}`)
      if (name === 'a') void registry.register(service('b', [node('b1')]))
    })
    registry.watch(({ action, service: { name } }) => second.push(`${action} ${name}`))
    await registry.register(service('a', [node('a1')]))
    expect(first).toEqual(['create a', 'create b'])
    expect(second).toEqual(first)
  })

  it('calls no listener that was stopped while others were told', async () => {
    const registry = memoryRegistry()
    const late = vi.fn()
    registry.watch(() => stop())
    const stop = registry.watch(late)
    await registry.register(service('a', [node('a1')]))
    expect(late).not.toHaveBeenCalled()
  })
})

it('5,000 nodes in 1,000 services cost nothing a caller could notice', async () => {
  const registry = memoryRegistry()
  registry.watch(() => undefined)
  const started = performance.now()
  for (let i = 0; i < 5000; i++) {
    await registry.register(service(`s${i % 1000}`, [node(`n${i}`)]), { ttl: 60_000 + ((i * 7919) % 5000) })
  }
  const perRegistration = (performance.now() - started) / 5000
  const read = performance.now()
  for (let i = 0; i < 10_000; i++) await registry.getService(`s${i % 1000}`)
  const perRead = (performance.now() - read) / 10_000
  await registry.close()
  expect(perRegistration).toBeLessThan(0.5)
  expect(perRead).toBeLessThan(0.1)
})
