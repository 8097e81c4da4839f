import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import { Deadlines, type Expiring } from '../../src/registry/deadlines.js'

afterEach(() => {
  vi.useRealTimers()
})

it('R14: any order of setting, moving and deleting ends each item at its own moment, under one timer', () => {
  const item = fc.integer({ min: 0, max: 19 })
  const step = fc.oneof(
    fc.record({ set: item, ttl: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ remove: item }),
    fc.record({ wait: fc.integer({ min: 1, max: 40 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      vi.useFakeTimers()
      const items: Expiring[] = Array.from({ length: 20 }, () => ({ deadline: 0, position: -1 }))
      const ended: number[] = []
      const deadlines = new Deadlines<Expiring>((due) => ended.push(...due.map((one) => items.indexOf(one))))
      const model = new Map<number, number>()
      let now = 0
      for (const one of steps) {
        if ('set' in one) {
          deadlines.set(items[one.set] ?? fail(), one.ttl)
          model.set(one.set, now + one.ttl)
        } else if ('remove' in one) {
          deadlines.delete(items[one.remove] ?? fail())
          model.delete(one.remove)
        } else {
          ended.length = 0
          now += one.wait
          vi.advanceTimersByTime(one.wait)
          const due = [...model].filter(([, at]) => at <= now).map(([index]) => index)
          for (const index of due) model.delete(index)
          expect(ended.sort()).toEqual(due.sort())
        }
        expect(vi.getTimerCount()).toBe(model.size > 0 ? 1 : 0)
      }
      deadlines.clear()
      expect(vi.getTimerCount()).toBe(0)
      vi.useRealTimers()
    }),
    { seed: 14, numRuns: 200 },
  )
})

function fail(): never {
  throw new Error('no such item')
}
