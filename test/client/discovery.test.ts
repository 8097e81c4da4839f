import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Discovery } from '../../src/client/discovery.js'
import { ServiceEntry } from '../../src/client/service-entry.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Registry, Service } from '../../src/registry/registry.js'
import { ServiceLedger } from '../../src/telemetry/counters/service-ledger.js'

let registry: Registry
let discovery: Discovery

beforeEach(() => {
  registry = memoryRegistry()
  discovery = new Discovery(registry, new ServiceLedger())
  discovery.start()
})

afterEach(async () => {
  discovery.close()
  await registry.close()
})

function service(name: string, ...ports: number[]): Service {
  const nodes = ports.map((port) => ({ id: `n${port}`, address: '127.0.0.1', port, metadata: {} }))
  return { name, version: '', metadata: {}, endpoints: [], nodes }
}

async function ports(name: string): Promise<number[]> {
  return ((await discovery.find(name))?.nodes ?? []).map((node) => node.port)
}

describe('discovery', () => {
  test('a known service is found without waiting', async () => {
    await registry.register(service('a', 1))
    expect(discovery.find('a')).toBeInstanceOf(Promise)
    await discovery.find('a')
    expect(discovery.find('a')).toBeInstanceOf(ServiceEntry)
  })

  test('follows the registry', async () => {
    await registry.register(service('a', 1))
    expect(await ports('a')).toEqual([1])
    await registry.register(service('a', 2))
    await vi.waitFor(async () => expect((await ports('a')).sort()).toEqual([1, 2]))
    await registry.deregister(service('a', 1))
    await vi.waitFor(async () => expect(await ports('a')).toEqual([2]))
    await registry.deregister(service('a', 2))
    await vi.waitFor(async () => expect(await discovery.find('a')).toBeUndefined())
  })

  test('a node that did not change keeps what is known of it', async () => {
    await registry.register(service('a', 1))
    const before = (await discovery.find('a'))?.nodes[0]
    await registry.register(service('a', 2))
    await vi.waitFor(async () => expect(await ports('a')).toHaveLength(2))
    expect((await discovery.find('a'))?.nodes.find((node) => node.port === 1)).toBe(before)
  })

  test('many who ask at once share one look-up, and unknown names are not kept', async () => {
    const get = vi.spyOn(registry, 'getService')
    await Promise.all(Array.from({ length: 100 }, () => discovery.find('nobody')))
    expect(get).toHaveBeenCalledTimes(1)
    expect([...discovery.entries]).toEqual([])
  })

  test('S12: __proto__ is a name', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(await discovery.find(name)).toBeUndefined()
      await registry.register(service(name, 7))
      expect(await ports(name)).toEqual([7])
    }
  })

  test('a look-up that failed is tried again', async () => {
    vi.spyOn(registry, 'getService').mockRejectedValueOnce(new Error('away'))
    await registry.register(service('a', 1))
    await expect(discovery.find('a')).rejects.toThrow('away')
    expect(await ports('a')).toEqual([1])
  })

  test('what is called is asked for again and again, what nobody calls is forgotten in ten minutes', async () => {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
    })
    discovery.close()
    discovery.start()
    await registry.register(service('used', 1))
    await registry.register(service('idle', 2))
    await Promise.all([discovery.find('used'), discovery.find('idle')])
    const get = vi.spyOn(registry, 'getService')
    for (let minutes = 0; minutes < 10; minutes++) {
      await vi.advanceTimersByTimeAsync(60_000)
      expect(discovery.find('used')).toBeInstanceOf(ServiceEntry)
    }
    expect(get.mock.calls.filter(([name]) => name === 'used')).toHaveLength(5)
    expect(get.mock.calls.filter(([name]) => name === 'idle')).toHaveLength(1)
    expect([...discovery.entries].map(({ name }) => name)).toEqual(['used'])
  })
})
