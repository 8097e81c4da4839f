import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Registration, type RegistrationOptions } from '../../src/app/registration.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Service } from '../../src/registry/registry.js'

const node = { id: 'cart-1', address: '127.0.0.1', port: 9090, metadata: {} }
const service: Service = { name: 'cart', version: '', metadata: {}, endpoints: [], nodes: [node] }

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function setUp(options: Partial<RegistrationOptions> = {}) {
  const registry = memoryRegistry()
  const register = vi.spyOn(registry, 'register')
  const deregister = vi.spyOn(registry, 'deregister')
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), access: vi.fn(), flush: vi.fn() }
  const describe = vi.fn(async () => service)
  const parts = { registry, log, ttl: 90_000, interval: 30_000, describe, ...options }
  const nodes = async () => (await registry.getService('cart')).flatMap((each) => each.nodes)
  return { registration: new Registration(parts), registry, register, deregister, log, nodes, describe }
}

test('registered with its ttl, and renewed at the interval', async () => {
  const { registration, register, describe, nodes } = setUp()
  registration.join()
  await vi.advanceTimersByTimeAsync(0)
  expect(registration.registered).toBe(true)
  expect(register).toHaveBeenLastCalledWith(service, { ttl: 90_000 })
  await vi.advanceTimersByTimeAsync(300_000)
  expect(register).toHaveBeenCalledTimes(11)
  expect(describe).toHaveBeenCalledTimes(1)
  expect(await nodes()).toHaveLength(1)
})

test('R18: without renewal it is gone with its ttl', async () => {
  const { registration, nodes, registry } = setUp({ ttl: 3000 })
  registration.join()
  await vi.advanceTimersByTimeAsync(0)
  vi.spyOn(registry, 'register').mockRejectedValue(new Error('away'))
  await vi.advanceTimersByTimeAsync(2900)
  expect(await nodes()).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(await nodes()).toHaveLength(0)
  expect(registration.registered).toBe(false)
})

test('an interval above the ttl is half of it', async () => {
  const { registration, register } = setUp({ ttl: 3000 })
  registration.join()
  await vi.advanceTimersByTimeAsync(15_000)
  expect(register).toHaveBeenCalledTimes(11)
})

test('R14: the renewals of many spread', async () => {
  vi.restoreAllMocks()
  const times: number[] = []
  for (let index = 0; index < 200; index++) {
    const { registration, registry } = setUp({ ttl: 20_000, interval: 10_000 })
    registration.join()
    await vi.advanceTimersByTimeAsync(0)
    vi.spyOn(registry, 'register').mockImplementationOnce(async () => void times.push(Date.now()))
  }
  await vi.advanceTimersByTimeAsync(10_000)
  expect(times).toHaveLength(200)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(2000)
})

test('a failure is told once, tried again ever more slowly, and healed', async () => {
  const { registration, registry, log, nodes } = setUp()
  const failing = vi.spyOn(registry, 'register').mockRejectedValue(new Error('connect ECONNREFUSED'))
  registration.join()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(failing.mock.calls.length).toBeGreaterThan(14)
  expect(failing.mock.calls.length).toBeLessThan(18)
  expect(log.warn).toHaveBeenCalledTimes(1)
  expect(log.warn.mock.calls[0]?.[1]).toEqual({ registry: 'memory', error: 'connect ECONNREFUSED' })
  failing.mockRestore()
  await vi.advanceTimersByTimeAsync(4000)
  expect(await nodes()).toHaveLength(1)
  expect(registration.registered).toBe(true)
  expect(log.info).toHaveBeenCalledWith('the application is registered', expect.objectContaining({ id: 'cart-1' }))
})

test('a registry that hangs stops nothing', async () => {
  const { registration, registry, log } = setUp()
  const hanging = vi.spyOn(registry, 'register').mockReturnValue(new Promise(() => {}))
  registration.join()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(hanging.mock.calls.length).toBeGreaterThanOrEqual(3)
  expect(log.warn).toHaveBeenCalledTimes(1)
  hanging.mockRestore()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(registration.registered).toBe(true)
})

test('leaving while a registration is on its way still takes it out', async () => {
  const { registration, registry, deregister, nodes } = setUp()
  const { register } = registry
  vi.spyOn(registry, 'register').mockImplementationOnce(async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await register.apply(registry, args)
  })
  registration.join()
  const left = registration.leave()
  await vi.advanceTimersByTimeAsync(1000)
  await left
  expect(deregister).toHaveBeenCalledTimes(1)
  expect(await nodes()).toHaveLength(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('a deregistration that fails is tried again until the ttl has done it', async () => {
  const { registration, registry, log } = setUp({ ttl: 10_000 })
  registration.join()
  await vi.advanceTimersByTimeAsync(0)
  const failing = vi.spyOn(registry, 'deregister').mockRejectedValue(new Error('away'))
  void registration.leave()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(failing.mock.calls.length).toBeGreaterThan(2)
  expect(failing.mock.calls.length).toBeLessThan(7)
  expect(log.warn).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('in and out again and again ends as the last word was', async () => {
  const { registration, nodes } = setUp()
  for (let round = 0; round < 10; round++) {
    registration.join()
    if (round < 9) void registration.leave()
  }
  await vi.advanceTimersByTimeAsync(100)
  expect(await nodes()).toHaveLength(1)
})

test('the end waits so long and no longer, says what it could not do, and leaves no timer', async () => {
  const { registration, registry, log } = setUp()
  registration.join()
  await vi.advanceTimersByTimeAsync(0)
  vi.spyOn(registry, 'deregister').mockReturnValue(new Promise(() => {}))
  const closed = registration.close(1000)
  await vi.advanceTimersByTimeAsync(1000)
  await closed
  expect(log.warn).toHaveBeenCalledWith(expect.stringContaining('could not leave the registry'))
  await vi.advanceTimersByTimeAsync(10_000)
  await registry.close()
  expect(vi.getTimerCount()).toBe(0)
  registration.join()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(vi.getTimerCount()).toBe(0)
})

test('the end of what was never in is at once', async () => {
  const { registration, deregister, log } = setUp()
  await registration.close(1000)
  expect(deregister).not.toHaveBeenCalled()
  expect(log.warn).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})
