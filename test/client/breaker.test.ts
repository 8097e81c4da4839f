import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AttemptOutcome, type BreakerState, NodeBreaker } from '../../src/client/breaker.js'
import type { BreakerSettings } from '../../src/config/settings.js'

const settings: BreakerSettings = {
  errorThreshold: 0.5,
  volumeThreshold: 10,
  window: 10_000,
  consecutiveFailures: 100,
  openTime: 1000,
  maxOpenTime: 60_000,
}
let changes: BreakerState[]
let breaker: NodeBreaker

beforeEach(() => {
  vi.useFakeTimers()
  breaker = make()
})

afterEach(() => {
  breaker.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function make(own: Partial<BreakerSettings> = {}, random = () => 0): NodeBreaker {
  changes = []
  return new NodeBreaker({ ...settings, ...own }, (state) => changes.push(state), random)
}

function attempts(succeeding: number, failing: number): void {
  for (let i = 0; i < succeeding; i++) breaker.begin().succeed()
  for (let i = 0; i < failing; i++) breaker.begin().fail()
}

/** Lets time pass until it is half open; returns how long that took. */
function openTime(): number {
  const start = performance.now()
  while (breaker.state === 'open') vi.advanceTimersByTime(10)
  return performance.now() - start
}

describe('R16: the breaker of a node', () => {
  test('complaint 17: one failure never opens it, nor do nine', () => {
    attempts(0, 1)
    expect(breaker.state).toBe('closed')
    attempts(0, 8)
    expect(breaker.state).toBe('closed')
  })

  test('opens at half of ten', () => {
    attempts(5, 4)
    expect(breaker.state).toBe('closed')
    attempts(0, 1)
    expect(breaker.state).toBe('open')
    expect(breaker.admits).toBe(false)
    expect(changes).toEqual(['open'])
  })

  test('opens at five failures in a row, among however many good answers', () => {
    breaker = make({ consecutiveFailures: 5 })
    attempts(1000, 4)
    attempts(1, 4)
    expect(breaker.state).toBe('closed')
    attempts(0, 1)
    expect(breaker.state).toBe('open')
  })

  test('callers that left, and refusals for load, count neither way', () => {
    breaker = make({ consecutiveFailures: 5 })
    for (let i = 0; i < 50; i++) {
      breaker.begin().forget()
      breaker.begin().refuse()
    }
    attempts(0, 4)
    breaker.begin().forget()
    breaker.begin().refuse()
    expect(breaker.state).toBe('closed')
    attempts(0, 1)
    expect(breaker.state).toBe('open')
  })

  test('what is under way is not counted: sixteen that hang do not hide that ten failed', () => {
    for (let i = 0; i < 16; i++) breaker.begin()
    attempts(0, 10)
    expect(breaker.state).toBe('open')
  })

  test('half open lets exactly one of twenty through, whose success closes it', () => {
    attempts(0, 10)
    expect(openTime()).toBe(1000)
    let through: AttemptOutcome[] = []
    for (let i = 0; i < 20; i++) if (breaker.admits) through = [...through, breaker.begin()]
    expect(through).toHaveLength(1)
    through[0]?.succeed()
    expect(breaker.state).toBe('closed')
    expect(changes).toEqual(['open', 'half-open', 'closed'])
  })

  test.each(['fail', 'refuse'] as const)('a probe that ends with %s opens it again', (end) => {
    attempts(0, 10)
    openTime()
    breaker.begin()[end]()
    expect(breaker.state).toBe('open')
  })

  test('complaint 17: it does not hang half open when the caller of the probe leaves: another one comes later', () => {
    attempts(0, 10)
    openTime()
    const probe = breaker.begin()
    vi.advanceTimersByTime(300)
    probe.forget()
    expect(breaker.state).toBe('half-open')
    expect(breaker.admits).toBe(false)
    vi.advanceTimersByTime(700)
    expect(breaker.admits).toBe(true)
    breaker.begin().succeed()
    expect(breaker.state).toBe('closed')
  })

  test('a node that came back is not held to what it did before: one failure does not open it', () => {
    attempts(0, 10)
    openTime()
    breaker.begin().succeed()
    attempts(0, 9)
    expect(breaker.state).toBe('closed')
    attempts(0, 1)
    expect(breaker.state).toBe('open')
  })

  test.each([2_000, 10_000, 60_000])('old failures leave a window of %i ms, and no sooner', (window) => {
    breaker = make({ window })
    attempts(0, 9)
    vi.advanceTimersByTime(window * 0.9 - 1)
    attempts(1, 0)
    vi.advanceTimersByTime(window * 0.1 + 1)
    attempts(0, 1)
    expect(breaker.state).toBe('closed')
    breaker = make({ window })
    attempts(0, 9)
    vi.advanceTimersByTime(window * 0.9 - 1)
    attempts(0, 1)
    expect(breaker.state).toBe('open')
  })

  test('R27: an attempt that ends after its node has left changes nothing and harms nobody', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const before = breaker.begin()
    breaker.close()
    before.fail()
    for (let i = 0; i < 20; i++) breaker.begin().fail()
    vi.useRealTimers()
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    vi.useFakeTimers()
    expect(unhandled).not.toHaveBeenCalled()
    expect(changes).toEqual([])
  })
})

describe('R16: a late answer', () => {
  const ends = ['succeed', 'fail', 'refuse', 'forget'] as const
  const stages: Record<string, () => void> = {
    open: () => attempts(0, 10),
    'half-open': () => openTime(),
    'half-open, probing': () => void breaker.begin(),
  }

  test.each(ends)('of an attempt that began before a change of state changes nothing: %s', (end) => {
    const late = Array.from({ length: 60 }, () => breaker.begin())
    for (const [stage, enter] of Object.entries(stages)) {
      enter()
      const [state, admits] = [breaker.state, breaker.admits]
      for (let i = 0; i < 15; i++) late.pop()?.[end]()
      expect([stage, breaker.state, breaker.admits]).toEqual([stage, state, admits])
    }
  })

  test.each(ends)('of a time when it was closed changes nothing once it is closed again: %s', (end) => {
    const late = Array.from({ length: 60 }, () => breaker.begin())
    attempts(0, 10)
    openTime()
    breaker.begin().succeed()
    attempts(0, 9)
    for (const attempt of late) attempt[end]()
    expect(breaker.state).toBe('closed')
    attempts(0, 1)
    expect(breaker.state).toBe('open')
  })
})

describe('the open time', () => {
  const failProbe = () => breaker.begin().fail()

  test('doubles from openTime to maxOpenTime', () => {
    breaker = make({ maxOpenTime: 10_000 })
    attempts(0, 10)
    const times = Array.from({ length: 6 }, () => {
      const time = openTime()
      failProbe()
      return time
    })
    expect(times).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
  })

  test('is up to half as long again by chance, and never longer than maxOpenTime', () => {
    breaker = make({ maxOpenTime: 2500 }, () => 0.99)
    attempts(0, 10)
    expect(openTime()).toBeCloseTo(1500, -2)
    failProbe()
    expect(openTime()).toBe(2500)
  })

  test('stays long for a node that fails again at once, and is short again after a window of good answers', () => {
    attempts(0, 10)
    openTime()
    failProbe()
    expect(openTime()).toBe(2000)
    breaker.begin().succeed()
    vi.advanceTimersByTime(9000)
    attempts(0, 10)
    expect(openTime()).toBe(4000)
    breaker.begin().succeed()
    vi.advanceTimersByTime(10_000)
    attempts(0, 10)
    expect(openTime()).toBe(1000)
  })
})
