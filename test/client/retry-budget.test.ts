import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RetryBudget } from '../../src/client/retry-budget.js'

const settings = { ratio: 0.2, minPerSecond: 10 }

/** How many retries it gives at once. */
function drained(budget: RetryBudget, now: number, limits = settings): number {
  let count = 0
  while (count < 1e6 && budget.withdraw(now, limits)) count++
  return count
}

test('a new service begins with three seconds, and has ten after ten', () => {
  expect(drained(new RetryBudget(0), 0)).toBe(30)
  expect(drained(new RetryBudget(0), 5000)).toBe(50)
  expect(drained(new RetryBudget(500), 60_000)).toBe(100)
})

test('each call adds its share for ten seconds', () => {
  const budget = new RetryBudget(0)
  for (let i = 0; i < 1000; i++) budget.deposit(20_000)
  expect(drained(budget, 28_999)).toBe(300)
  expect(drained(budget, 40_000)).toBe(100)
})

test('nothing is allowed where nothing is configured', () => {
  const budget = new RetryBudget(0)
  for (let i = 0; i < 1000; i++) budget.deposit(0)
  expect(drained(budget, 0, { ratio: 0, minPerSecond: 0 })).toBe(0)
})

test('R5: all calls fail for ten seconds at 200 a second: no more than a fifth of them and ten a second on top', () => {
  for (let seconds = 3; seconds <= 25; seconds += 0.5) {
    const budget = new RetryBudget(0)
    let arrivals = 0
    for (let now = 0; now < seconds * 1000; now += 5) {
      budget.deposit(now)
      arrivals++
      if (budget.withdraw(now + 4, settings)) arrivals++
    }
    expect(arrivals).toBeLessThanOrEqual(1.2 * 200 * seconds + 10 * seconds)
    expect(arrivals).toBeGreaterThan(1.15 * 200 * seconds)
  }
})

test('R5: through three sidecars in a row, at 200 a second, no more than twice the calls arrive', () => {
  const budgets = [new RetryBudget(0), new RetryBudget(0), new RetryBudget(0)]
  let arrivals = 0
  /** A call of the service behind the sidecar `i`, which fails and is tried again as long as it may be. */
  const call = (i: number, now: number): void => {
    const budget = budgets[i]
    if (budget === undefined) {
      arrivals++
      return
    }
    budget.deposit(now)
    do call(i + 1, now)
    while (budget.withdraw(now, settings))
  }
  for (let now = 0; now < 10_000; now += 5) call(0, now)
  expect(arrivals).toBeLessThanOrEqual(2 * 2000)
  expect(arrivals).toBeGreaterThan(1.7 * 2000)
})

test('R5: no retry ends ten seconds that saw more of them than their budget, whatever comes when', () => {
  const steps = fc.array(
    fc.record({
      after: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 12_000 })),
      calls: fc.integer({ min: 0, max: 40 }),
      tries: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 60 },
  )
  const limits = fc.record({
    ratio: fc.double({ min: 0, max: 1, noNaN: true }),
    minPerSecond: fc.integer({ min: 0, max: 20 }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), steps, limits, (start, list, each) => {
      const budget = new RetryBudget(start)
      const calls: number[] = []
      const retries: number[] = []
      let now = start
      for (const step of list) {
        now += step.after
        for (let i = 0; i < step.calls; i++) {
          budget.deposit(now)
          calls.push(now)
        }
        const within = (times: number[]) => times.filter((time) => time > now - 10_000).length
        for (let i = 0; i < step.tries && budget.withdraw(now, each); i++) {
          retries.push(now)
          expect(within(retries)).toBeLessThanOrEqual(each.ratio * within(calls) + each.minPerSecond * 10 + 1e-6)
        }
      }
    }),
    { numRuns: 500, seed: 20_180_320 },
  )
})
