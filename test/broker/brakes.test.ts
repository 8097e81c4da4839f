import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Brakes } from '../../src/broker/brakes.js'
import type { Outlet } from '../../src/broker/outlet.js'

interface Double extends Outlet {
  waiting: number
}

function outlet(waiting: number): Double {
  return { form: 'frame', limit: 1000, waiting, takes: () => true, write: () => 'written' }
}

/** Whether it has settled, without waiting for it. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false
  void promise.then(() => {
    over = true
  })
  await vi.advanceTimersByTimeAsync(0)
  return over
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('holds the publishers of that topic alone, until the subscriber has caught up', async () => {
  const brakes = new Brakes()
  const behind = outlet(600)
  brakes.put('a', behind)
  expect([brakes.hold('a'), brakes.hold('b')]).toEqual([true, false])
  const released = brakes.released('a')
  expect(await isOver(released)).toBe(false)
  brakes.release(behind)
  await released
  expect(brakes.hold('a')).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('R10: one that does not read holds them up for 250 ms once, and not again until it has caught up', async () => {
  const brakes = new Brakes()
  const stalled = outlet(600)
  brakes.put('a', stalled)
  const released = brakes.released('a')
  await vi.advanceTimersByTimeAsync(250)
  await released
  brakes.put('a', stalled)
  expect(brakes.hold('a')).toBe(false)
  brakes.release(stalled)
  brakes.put('a', stalled)
  expect(brakes.hold('a')).toBe(true)
})

test('R10: one that reads a quarter of its limit in that time is waited for', async () => {
  const brakes = new Brakes()
  const slow = outlet(900)
  brakes.put('a', slow)
  const released = brakes.released('a')
  slow.waiting = 650
  await vi.advanceTimersByTimeAsync(250)
  expect(await isOver(released)).toBe(false)
  slow.waiting = 401
  await vi.advanceTimersByTimeAsync(250)
  await released
  expect(brakes.hold('a')).toBe(false)
})

test('those who wait go one after the other: the first may be what is too much again', async () => {
  const brakes = new Brakes()
  const one = outlet(600)
  brakes.put('a', one)
  const order: string[] = []
  const first = brakes.released('a').then(() => {
    order.push('first')
    brakes.put('a', one)
  })
  const second = brakes.released('a').then(() => order.push('second'))
  brakes.release(one)
  await first
  await vi.advanceTimersByTimeAsync(10)
  expect(order).toEqual(['first'])
  brakes.release(one)
  await second
  expect(brakes.hold('a')).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('who comes while others wait stands behind them', async () => {
  const brakes = new Brakes()
  const one = outlet(600)
  brakes.put('a', one)
  const order: number[] = []
  const all = [1, 2, 3].map((i) => brakes.released('a').then(() => order.push(i)))
  brakes.release(one)
  expect(brakes.hold('a')).toBe(true)
  all.push(brakes.released('a').then(() => order.push(4)))
  for (let i = 0; i < 5; i++) await vi.advanceTimersByTimeAsync(1)
  await Promise.all(all)
  expect(order).toEqual([1, 2, 3, 4])
})

test('a publisher waits a second, and not for ever', async () => {
  const brakes = new Brakes()
  const slow = { ...outlet(100_000), limit: 4 }
  brakes.put('a', slow)
  const released = brakes.released('a')
  for (let i = 0; i < 5; i++) {
    slow.waiting -= 2
    await vi.advanceTimersByTimeAsync(250)
  }
  expect(await isOver(released)).toBe(true)
  expect(brakes.hold('a')).toBe(true)
  brakes.release(slow)
})
