import { afterEach, expect, test, vi } from 'vitest'
import { BrokerTally } from '../../src/broker/tally.js'

afterEach(() => {
  vi.useRealTimers()
})

test('the first 200 topics with a subscriber have counts of their own, the others share', () => {
  const tally = new BrokerTally()
  for (let i = 0; i < 100_000; i++) tally.came(`t${i}`).delivered++
  const topics = new Map(tally.topics())
  expect(topics.size).toBe(201)
  expect(topics.get('t199')).toMatchObject({ delivered: 1, subscribers: 1 })
  expect(topics.get('other')).toMatchObject({ delivered: 99_800, subscribers: 99_800 })
  expect(tally.of('t5')).not.toBe(tally.others)
  expect(tally.of('t500')).toBe(tally.others)
})

test('what nobody has subscribed to has no counts of its own', () => {
  const tally = new BrokerTally()
  for (let i = 0; i < 1000; i++) tally.of(`t${i}`).published++
  expect(tally.topics()).toEqual([['other', expect.objectContaining({ published: 1000 })]])
})

test('a topic leaves ten minutes after its last subscriber, and makes room', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const tally = new BrokerTally()
  const all = Array.from({ length: 200 }, (_, i) => tally.came(`t${i}`))
  vi.advanceTimersByTime(1_000_000)
  const [first] = all
  if (first !== undefined) tally.left(first)
  expect(tally.came('new')).toBe(tally.others)
  vi.advanceTimersByTime(600_001)
  expect(tally.topics().map(([topic]) => topic)).not.toContain('t0')
  expect(tally.came('newer')).not.toBe(tally.others)
})

test('S12: a topic may have any name, that of what is shared among them', () => {
  const tally = new BrokerTally()
  expect(tally.came('other')).toBe(tally.others)
  expect(tally.came('__proto__')).not.toBe(tally.others)
  const names = tally.topics().map(([topic]) => topic)
  expect(names).toEqual(['__proto__', 'other'])
})

test('reasons have a bound as well', () => {
  const tally = new BrokerTally()
  for (let i = 0; i < 1000; i++) tally.dropped(`reason-${i}`)
  tally.dropped('reason-0', 4)
  expect(tally.drops.size).toBe(201)
  expect(tally.drops.get('reason-0')).toBe(5)
  expect(tally.drops.get('other')).toBe(800)
})
