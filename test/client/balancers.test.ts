import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BalancedCall, Balancer, Candidate } from '../../src/client/balancer.js'
import { ewma } from '../../src/client/balancers/ewma.js'
import { hash } from '../../src/client/balancers/hash.js'
import { p2c } from '../../src/client/balancers/p2c.js'
import { random } from '../../src/client/balancers/random.js'
import { roundRobin } from '../../src/client/balancers/round-robin.js'
import { balancerConformance } from '../../src/testing.js'
import { callOf } from './calls.js'

for (const make of [p2c, ewma, roundRobin, random, hash]) balancerConformance(make().name, make, { test })

const first: Balancer = {
  name: 'first',
  pick: (candidates) => candidates.reduce((a, b) => (a.id < b.id ? a : b)),
}
balancerConformance("a plugin's", () => first, { test }, { spreads: false })

interface TestNode extends Candidate {
  inFlight: number
}

function nodes(...inFlight: number[]): TestNode[] {
  return inFlight.map((count, i) => ({
    id: `n${i}`,
    address: '127.0.0.1',
    port: i + 1,
    metadata: {},
    version: '',
    inFlight: count,
    weight: 1,
  }))
}

function weighing<T extends Candidate>(list: readonly T[], ...weights: number[]): T[] {
  return list.map((node, i) => ({ ...node, weight: weights[i] ?? 1 }))
}

function counts(balancer: Balancer, list: readonly Candidate[], times: number, call: Partial<BalancedCall> = {}) {
  const found = list.map(() => 0)
  for (let i = 0; i < times; i++) {
    const at = list.indexOf(balancer.pick(list, callOf(`${i}`, call)))
    found[at] = (found[at] ?? 0) + 1
  }
  return found
}

describe('p2c', () => {
  test('of two different nodes the less busy one, so the busiest of all is never picked', () => {
    expect(counts(p2c(), nodes(5, 9), 500)).toEqual([500, 0])
    const [least = 0, middle = 0, most] = counts(p2c(), nodes(1, 2, 3), 3000)
    expect(most).toBe(0)
    expect(least).toBeGreaterThan(middle)
  })

  test('busy is told by the weight: six calls are less for a node of 10 than one for a node of 1', () => {
    const list = weighing(nodes(6, 1), 10, 1)
    expect(counts(p2c(), list, 500, { weighted: true })).toEqual([500, 0])
    expect(counts(p2c(), weighing(nodes(11, 1), 10, 1), 500, { weighted: true })).toEqual([0, 500])
  })
})

describe('round-robin', () => {
  test('takes turns, in every list of its own', () => {
    const balancer = roundRobin()
    const [one, two] = [nodes(0, 0, 0), nodes(0, 0)]
    const turns = Array.from({ length: 12 }, (_, i) => [
      balancer.pick(one, callOf(`${i}`)).id,
      balancer.pick(two, callOf(`${i}`)).id,
    ])
    expect(turns.map(([id]) => id).join(' ')).toBe('n0 n1 n2 n0 n1 n2 n0 n1 n2 n0 n1 n2')
    expect(turns.map(([, id]) => id).join(' ')).toBe('n0 n1 n0 n1 n0 n1 n0 n1 n0 n1 n0 n1')
  })

  test('takes turns too where no list comes twice', () => {
    const list = nodes(0, 0, 0)
    const balancer = roundRobin()
    const picks = Array.from({ length: 30 }, () => balancer.pick([...list], callOf('', { lasting: false })))
    expect(list.map((node) => picks.filter((picked) => picked === node).length)).toEqual([10, 10, 10])
  })

  test('weights: exactly their shares, spread out', () => {
    const list = weighing(nodes(0, 0, 0), 5, 1, 1)
    expect(counts(roundRobin(), list, 700, { weighted: true })).toEqual([500, 100, 100])
  })

  test('one that was away is not flooded when it is back', () => {
    const balancer = roundRobin()
    const list = nodes(0, 0, 0)
    counts(balancer, list.slice(0, 2), 1000)
    expect(counts(balancer, list, 9)[2]).toBeLessThanOrEqual(4)
  })
})

describe('ewma', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const good = (latency: number) => ({ latency, failed: false, retryAfter: undefined })
  const bad = (retryAfter?: number) => ({ latency: 1, failed: true, retryAfter })
  const prefers = (balancer: Balancer, list: readonly Candidate[]) => balancer.pick(list, callOf('')).id

  function known(...latencies: number[]): { balancer: Balancer; list: TestNode[] } {
    const balancer = ewma()
    const list = nodes(...latencies.map(() => 0))
    for (const [i, latency] of latencies.entries()) balancer.observe?.(list[i] as Candidate, good(latency))
    return { balancer, list }
  }

  test('the sooner answer: latency times the calls ahead', () => {
    const { balancer, list } = known(10, 35)
    const [fast] = list as [TestNode, TestNode]
    for (const [ahead, preferred] of [
      [0, 'n0'],
      [2, 'n0'],
      [3, 'n1'],
    ] as const) {
      fast.inFlight = ahead
      expect(prefers(balancer, list)).toBe(preferred)
    }
  })

  test('a peak counts at once and falls to 1/e of itself in ten seconds', () => {
    const { balancer, list } = known(1, 100 / Math.E)
    balancer.observe?.(list[0] as Candidate, good(100))
    expect(prefers(balancer, list)).toBe('n1')
    const steady = nodes(0, 0)
    balancer.observe?.(steady[0] as Candidate, good(100))
    vi.advanceTimersByTime(9990)
    balancer.observe?.(steady[1] as Candidate, good(100 / Math.E))
    expect(prefers(balancer, steady)).toBe('n1')
    vi.advanceTimersByTime(0)
    const later = nodes(0, 0)
    balancer.observe?.(later[0] as Candidate, good(100))
    vi.advanceTimersByTime(10_010)
    balancer.observe?.(later[1] as Candidate, good(100 / Math.E))
    expect(prefers(balancer, later)).toBe('n0')
  })

  test('a failure counts as five seconds, a longer Retry-After as that, up to five minutes', () => {
    const { balancer, list } = known(4900, 5100)
    balancer.observe?.(list[0] as Candidate, bad())
    expect(prefers(balancer, list)).toBe('n0')
    balancer.observe?.(list[0] as Candidate, bad(6000))
    expect(prefers(balancer, list)).toBe('n1')
    balancer.observe?.(list[0] as Candidate, bad(1e9))
    const slow = nodes(0)[0] as TestNode
    balancer.observe?.(slow, good(301_000))
    expect(prefers(balancer, [slow, list[0] as Candidate])).toBe('n0')
    expect(prefers(balancer, [list[0] as Candidate, slow])).toBe('n0')
  })

  test('a node that refuses fast attracts no calls', () => {
    const { balancer, list } = known(50, 50)
    balancer.observe?.(list[0] as Candidate, bad(1000))
    expect(counts(balancer, list, 200)).toEqual([0, 200])
  })

  test('a new node gets one call at once, and is not flooded before it has answered', () => {
    const { balancer, list } = known(1, 1, 1)
    const fresh = { ...(nodes(0)[0] as TestNode), id: 'fresh' }
    const all = [...list, fresh]
    let picked = 0
    for (let i = 0; i < 100; i++) {
      const node = balancer.pick(all, callOf(''))
      if (node === fresh) {
        picked++
        fresh.inFlight++
      }
    }
    expect(picked).toBe(1)
    balancer.observe?.(fresh, good(1))
    fresh.inFlight = 0
    expect(counts(balancer, all, 400)[3]).toBeGreaterThan(40)
  })

  test('beside slow nodes a new one is taken for one of 30 ms until it has answered', () => {
    const { balancer, list } = known(200)
    const fresh = { ...(nodes(0)[0] as TestNode), id: 'fresh', inFlight: 5 }
    expect(prefers(balancer, [list[0] as Candidate, fresh])).toBe('fresh')
    fresh.inFlight = 6
    expect(prefers(balancer, [list[0] as Candidate, fresh])).toBe('n0')
  })

  test('weights: a node of twice the weight may take twice as long', () => {
    const { balancer, list } = known(15, 10)
    const weighted = weighing(list, 2, 1)
    for (const [i, node] of weighted.entries()) balancer.observe?.(node, good(i === 0 ? 15 : 10))
    expect(counts(balancer, weighted, 100, { weighted: true })).toEqual([100, 0])
  })
})

describe('hash', () => {
  const manyNodes = fc
    .uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 3, maxLength: 30 })
    .map((ids) => ids.map((id, i) => ({ ...(nodes(0)[0] as TestNode), id, port: i + 1 })))
  const keys = Array.from({ length: 600 }, (_, i) => `user-${i}`)
  const placed = (balancer: Balancer, list: readonly Candidate[], call: Partial<BalancedCall> = {}) =>
    keys.map((key) => balancer.pick(list, callOf(key, call)))

  test('when a node leaves, exactly its keys move, about 1/n, and no other', () => {
    fc.assert(
      fc.property(manyNodes, fc.nat(), fc.boolean(), (list, which, weighted) => {
        const all = weighted ? weighing(list, 1, 2, 3, 4) : list
        const gone = all[which % all.length]
        const before = placed(hash(), all, { weighted })
        const after = placed(
          hash(),
          all.filter((node) => node !== gone),
          { weighted },
        )
        for (const [i, node] of before.entries()) if (node !== gone) expect(after[i]).toBe(node)
        if (!weighted) {
          const moved = before.filter((node) => node === gone).length
          expect(Math.abs(moved - keys.length / all.length)).toBeLessThan(90)
        }
      }),
      { numRuns: 100, seed: 5 },
    )
  })

  test('the place of a key depends on the ids alone: every sidecar finds the same, in whatever order it was told', () => {
    const list = nodes(0, 0, 0, 0, 0)
    const ids = (picked: Candidate[]) => picked.map(({ id }) => id)
    expect(ids(placed(hash(), list))).toEqual(ids(placed(hash(), [...nodes(0, 0, 0, 0, 0)].reverse())))
  })

  test('when the weight of a node grows, keys move to it only', () => {
    const list = nodes(0, 0, 0, 0)
    const before = placed(hash(), weighing(list, 1, 1, 1, 1), { weighted: true })
    const after = placed(hash(), weighing(list, 3, 1, 1, 1), { weighted: true })
    for (const [i, node] of after.entries()) if (node.id !== 'n0') expect(before[i]?.id).toBe(node.id)
    expect(after.filter(({ id }) => id === 'n0').length).toBeGreaterThan(240)
  })

  test('a call without a key goes anywhere', () => {
    const list = nodes(0, 0, 0)
    const balancer = hash()
    const picked = new Set(Array.from({ length: 100 }, () => balancer.pick(list, callOf(undefined))))
    expect(picked.size).toBe(3)
  })
})
