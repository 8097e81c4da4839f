import { describe, expect, test } from 'vitest'
import type { Balancer, Candidate } from '../../src/client/balancer.js'
import { p2c } from '../../src/client/p2c.js'
import { random } from '../../src/client/random.js'
import { roundRobin } from '../../src/client/round-robin.js'

const call = { service: 'a', remoteAddress: undefined }

function candidates(...inFlight: number[]): Candidate[] {
  return inFlight.map((count, i) => ({
    id: `n${i}`,
    address: '127.0.0.1',
    port: i + 1,
    metadata: {},
    version: '',
    inFlight: count,
  }))
}

function picks(balancer: Balancer, list: readonly Candidate[], times: number): number[] {
  const counts = list.map(() => 0)
  for (let i = 0; i < times; i++) {
    const at = list.indexOf(balancer.pick(list, call))
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

describe.each([
  ['p2c', p2c],
  ['random', random],
  ['round-robin', roundRobin],
])('%s', (name, make) => {
  test('has its name and picks a candidate, also the only one', () => {
    expect(make().name).toBe(name)
    const [only] = candidates(3)
    expect(make().pick(only === undefined ? [] : [only], call)).toBe(only)
  })

  test('uses all nodes alike when they are alike', () => {
    for (const count of picks(make(), candidates(0, 0, 0, 0), 4000)) expect(Math.abs(count - 1000)).toBeLessThan(200)
  })
})

test('p2c: of two distinct nodes the less busy one, so the busiest of all is never picked', () => {
  expect(picks(p2c(), candidates(5, 9), 500)).toEqual([500, 0])
  const counts = picks(p2c(), candidates(1, 2, 3), 3000)
  expect(counts[2]).toBe(0)
  expect(counts[0]).toBeGreaterThan(counts[1] ?? 0)
})

test('round-robin: each list has its own turn', () => {
  const balancer = roundRobin()
  const [one, two] = [candidates(0, 0), candidates(0, 0)]
  const seen = Array.from({ length: 4 }, () => [balancer.pick(one, call), balancer.pick(two, call)])
  for (const index of [0, 1]) expect(new Set(seen.map((pair) => pair[index])).size).toBe(2)
})
