import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BreakerClock, NodeBreaker } from '../../src/client/breaker.js'

const settings = { errorThreshold: 0.5, volumeThreshold: 10, window: 10_000, openTime: 1000 }
let clock: BreakerClock
let changes: boolean[]
let breaker: NodeBreaker

beforeEach(() => {
  vi.useFakeTimers()
  clock = new BreakerClock(settings.window)
  changes = []
  breaker = new NodeBreaker(settings, clock, (impaired) => changes.push(impaired))
})

afterEach(() => {
  breaker.close()
  clock.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

async function attempts(succeeding: number, failing: number): Promise<void> {
  for (let i = 0; i < succeeding; i++) breaker.begin().succeed()
  for (let i = 0; i < failing; i++) breaker.begin().fail()
  await vi.advanceTimersByTimeAsync(0)
}

describe('R16: the breaker of a node', () => {
  test('one failure never opens it, nor do nine', async () => {
    await attempts(0, 1)
    expect(breaker.state).toBe('closed')
    await attempts(0, 8)
    expect(breaker.state).toBe('closed')
  })

  test('opens at half of ten', async () => {
    await attempts(5, 4)
    expect(breaker.state).toBe('closed')
    await attempts(0, 1)
    expect(breaker.state).toBe('open')
    expect(breaker.admits).toBe(false)
    expect(changes).toEqual([true])
  })

  test('callers that left count neither way', async () => {
    for (let i = 0; i < 50; i++) breaker.begin().forget()
    await attempts(0, 9)
    expect(breaker.state).toBe('closed')
  })

  test('half open lets exactly one through, whose success closes it', async () => {
    await attempts(0, 10)
    await vi.advanceTimersByTimeAsync(1000)
    expect(breaker.state).toBe('half-open')
    expect(breaker.admits).toBe(true)
    const probe = breaker.begin()
    expect(breaker.admits).toBe(false)
    probe.succeed()
    await vi.advanceTimersByTimeAsync(0)
    expect(breaker.state).toBe('closed')
    expect(changes).toEqual([true, false])
  })

  test.each(['fail', 'forget'] as const)('a probe that ends with %s opens it again', async (end) => {
    await attempts(0, 10)
    await vi.advanceTimersByTimeAsync(1000)
    breaker.begin()[end]()
    await vi.advanceTimersByTimeAsync(0)
    expect(breaker.state).toBe('open')
  })

  test('old failures leave the window', async () => {
    await attempts(0, 9)
    await vi.advanceTimersByTimeAsync(11_000)
    await attempts(1, 1)
    expect(breaker.state).toBe('closed')
  })

  test('R27: an attempt that fails after the breaker was shut down harms nobody', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    breaker.close()
    breaker.begin().fail()
    vi.useRealTimers()
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    vi.useFakeTimers()
    expect(unhandled).not.toHaveBeenCalled()
  })
})
