import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hash } from '../../src/client/balancers/hash.js'
import { serviceSettings } from './calls.js'
import { Bench, breaker, sticky, user } from './nodes.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const ids = (counts: Record<string, number>) => Object.keys(counts).sort().join(' ')

/** Until the breakers that have opened let a call through. */
function openTime(): void {
  vi.advanceTimersByTime(1500)
}

describe('R16: at most half of the nodes of a service are out', () => {
  test.each([
    ['a', 'a', 'a'],
    ['a b', 'a', 'b'],
    ['a b', 'a b', 'a b'],
    ['a b c', 'a', 'b c'],
    ['a b c', 'a b', 'a b c'],
    ['a b c d', 'a b', 'c d'],
    ['a b c d', 'a b c', 'a b c d'],
    ['a b c d', 'a b c d', 'a b c d'],
  ])('of %s, with %s open, calls go to %s', (nodes, open, expected) => {
    const bench = new Bench(nodes)
    bench.fail(...open.split(' '))
    expect(ids(bench.chosen(200))).toBe(expected)
  })

  test('of those that a call may go to: a version, what a filter lets through', () => {
    const bench = new Bench('a::1 b::1 c::1 d::2 e::2 f::2 g::2')
    bench.fail('a', 'b')
    expect(ids(bench.chosen(200))).toBe('c d e f g')
    const settings = serviceSettings({ version: '1' })
    expect(ids(bench.chosen(200, () => ({ settings })))).toBe('a b c')
    expect(ids(bench.chosen(200, () => ({ nodeFilter: ({ id }) => id === 'b' || id === 'd' })))).toBe('d')
  })

  test('with more than half out, a retry still prefers those that are well', () => {
    const bench = new Bench('a b c d')
    bench.fail('a', 'b', 'c')
    for (let i = 0; i < 50; i++) expect(bench.choose({}, ['a'])).toBe('d')
  })

  test('a breaker that is off takes nobody out', () => {
    const bench = new Bench('a b')
    for (let i = 0; i < 100; i++) expect(bench.client.begin(bench.entry, bench.node('a'), false)).toBeUndefined()
    expect(ids(bench.chosen(200))).toBe('a b')
  })
})

describe('a node that is half open', () => {
  test('gets the next call, and no other until that has ended', () => {
    const bench = new Bench('a b c')
    bench.fail('a')
    openTime()
    expect(bench.choose()).toBe('a')
    const probe = bench.begin('a')
    expect(ids(bench.chosen(200))).toBe('b c')
    probe?.succeed()
    expect(ids(bench.chosen(200))).toBe('a b c')
  })

  test('waits a moment for a call that can be tried again elsewhere, then takes any', () => {
    const bench = new Bench('a b c')
    bench.fail('a')
    while (bench.node('a').state !== 'half-open') vi.advanceTimersByTime(1)
    expect(ids(bench.chosen(100, () => ({ idempotent: false })))).toBe('b c')
    expect(bench.choose({ idempotent: true })).toBe('a')
    vi.advanceTimersByTime(100)
    expect(bench.choose({ idempotent: false })).toBe('a')
  })

  test('gets no retry while another one is closed, and one where there is none', () => {
    const bench = new Bench('a b c')
    bench.fail('a')
    openTime()
    expect(bench.node('a').state).toBe('half-open')
    for (let i = 0; i < 50; i++) expect(bench.choose({}, ['b'])).toBe('c')
    bench.fail('c')
    for (let i = 0; i < 50; i++) expect(bench.choose({}, ['b'])).toBe('a')
    bench.begin('a')
    expect(['a', 'c']).toContain(bench.choose({}, ['b']))
  })

  test('with a keyed balancer, the call that finds out is one of its own', () => {
    const bench = new Bench('a b c d', hash())
    const places = () => Array.from({ length: 100 }, (_, i) => bench.choose({ remoteAddress: `10.0.0.${i}` }))
    const before = places()
    bench.fail('a')
    const meanwhile = places()
    for (const [i, id] of before.entries()) if (id !== 'a') expect(meanwhile[i]).toBe(id)
    expect(meanwhile).not.toContain('a')
    openTime()
    expect(places()).toEqual(before)
    const probe = bench.begin('a')
    expect(places()).toEqual(meanwhile)
    probe?.succeed()
    expect(places()).toEqual(before)
  })
})

describe('weights', () => {
  test('0 takes no traffic, and where all say so there is no node', () => {
    const bench = new Bench('a:0 b:1 c:0.5')
    expect(ids(bench.chosen(200))).toBe('b c')
    expect(bench.choose({}, ['b', 'c'])).toBeUndefined()
    bench.tell('a:0 b:0')
    expect(bench.choose()).toBeUndefined()
  })

  test.each(['', '-1', 'NaN', 'Infinity', 'ten', '1,5', '{}'])('%j counts as 1, which is said once', (weight) => {
    const bench = new Bench('a:1 b:1')
    const services = (value: string) => [
      {
        ...{ name: 'a', version: '', metadata: {}, endpoints: [] },
        nodes: ['a', 'b'].map((id, i) => ({ id, address: 'x', port: i + 1, metadata: { weight: value } })),
      },
    ]
    bench.entry.update(services(weight))
    bench.entry.update(services(weight))
    expect(bench.entry.nodes.map((node) => node.weight)).toEqual([1, 1])
    expect(bench.warnings).toEqual([
      expect.stringMatching(/^node a of a has the weight ".*", which is no number of 0 or more/),
    ])
  })

  test.each([' 2 ', '2e0', '2.0'])('%j is a number', (weight) => {
    expect(new Bench(`a:${weight.trim()} b`).node('a').weight).toBe(2)
  })

  test('a new weight counts at once, and the node stays what it was', () => {
    const bench = new Bench('a:1 b:1')
    bench.fail('a')
    const before = bench.node('a')
    bench.tell('a:3 b:0')
    expect(bench.node('a')).toBe(before)
    expect(bench.node('a').state).toBe('open')
    expect(ids(bench.chosen(100))).toBe('a')
  })
})

describe('split', () => {
  const shares = (split: Record<string, number>) => ({
    settings: serviceSettings({ split: new Map(Object.entries(split)) }),
  })
  const versions = (bench: Bench, split: Record<string, number>, times = 10_000) => {
    const counts: Record<string, number> = {}
    for (const [id, count] of Object.entries(bench.chosen(times, () => shares(split)))) {
      const { version } = bench.node(id)
      counts[version] = (counts[version] ?? 0) + count
    }
    return counts
  }

  test('gives versions their shares, however many nodes they have', () => {
    const bench = new Bench('a::1 b::1 c::1 d::2 e::3')
    const counts = versions(bench, { 1: 9, 2: 1 })
    expect(ids(counts)).toBe('1 2')
    expect(Math.abs((counts[2] ?? 0) - 1000)).toBeLessThan(200)
  })

  test('a version without nodes, or with none to call, gives its share to the others', () => {
    const bench = new Bench('a::1 b::1 c::2 d::2')
    const split = { 1: 50, 2: 25, 4: 25 }
    expect(Math.abs((versions(bench, split)[2] ?? 0) - 3333)).toBeLessThan(400)
    bench.fail('c', 'd')
    expect(versions(bench, split, 500)).toEqual({ 1: 500 })
    bench.tell('e::3')
    expect(bench.choose(shares(split))).toBeUndefined()
  })

  test('a retry goes to another version when its own has no other node', () => {
    const bench = new Bench('a::1 b::2')
    expect(bench.choose(shares({ 1: 100, 2: 1 }), ['a'])).toBe('b')
  })

  test('a share of 0 is none, also for a retry', () => {
    const bench = new Bench('a::1 b::2')
    expect(versions(bench, { 1: 1, 2: 0 }, 300)).toEqual({ 1: 300 })
    expect(bench.choose(shares({ 1: 1, 2: 0 }), ['a'])).toBeUndefined()
  })
})

describe('sticky', () => {
  const users = Array.from({ length: 300 }, (_, i) => `u${i}`)
  const places = (bench: Bench, settings = sticky) => users.map((value) => bench.choose({ settings, ...user(value) }))

  test('the same value goes to the same node, and calls without one go anywhere', () => {
    const bench = new Bench('a b c d')
    const before = places(bench)
    expect(new Set(before).size).toBe(4)
    expect(places(bench)).toEqual(before)
    expect(ids(bench.chosen(200, () => ({ settings: sticky, ...user(undefined) })))).toBe('a b c d')
  })

  test('stays when nodes come, moves when its node leaves, and no other does', () => {
    const bench = new Bench('a b c')
    const before = places(bench)
    bench.tell('a b c d e f')
    expect(places(bench)).toEqual(before)
    bench.tell('a b d e f')
    const after = places(bench)
    for (const [i, id] of before.entries()) if (id !== 'c') expect(after[i]).toBe(id)
    expect(after).not.toContain('c')
  })

  test('comes back to a node that was out of use for a while', () => {
    const bench = new Bench('a b c')
    const before = places(bench)
    bench.tell('a b c d')
    bench.fail('a')
    expect(places(bench)).not.toContain('a')
    openTime()
    expect(bench.choose()).toBe('a')
    bench.begin('a')?.succeed()
    expect(places(bench)).toEqual(before)
  })

  test('the only node of a start is remembered too', () => {
    const bench = new Bench('a')
    places(bench)
    bench.tell('a b c d')
    expect(new Set(places(bench))).toEqual(new Set(['a']))
  })

  test('stays with its version of a split; when shares change, only as many move as must', () => {
    const bench = new Bench('a::1 b::1 c::2 d::2')
    const split = (one: number, two: number) =>
      serviceSettings({
        sticky: { kind: 'cookie', name: 'user' },
        split: new Map([
          ['1', one],
          ['2', two],
        ]),
      })
    const versions = (settings = split(90, 10)) => places(bench, settings).map((id) => bench.node(String(id)).version)
    const before = versions()
    const share = before.filter((version) => version === '2').length / users.length
    expect(share).toBeGreaterThan(0.03)
    expect(share).toBeLessThan(0.2)
    expect(versions()).toEqual(before)
    const after = versions(split(50, 50))
    for (const [i, version] of before.entries()) if (version === '2') expect(after[i]).toBe('2')
    expect(after.filter((version) => version === '2').length).toBeGreaterThan(users.length * 0.35)
  })

  test('what is remembered is bounded', () => {
    const bench = new Bench('a b')
    const settings = sticky
    for (let i = 0; i < 50_000; i++) bench.choose({ settings, ...user(`v${i}`) })
    expect(bench.entry.sticky.size).toBeLessThanOrEqual(20_000)
  })
})

describe('what a node leaves behind', () => {
  test('nothing: no breaker, no timer, no memory of its callers', () => {
    const bench = new Bench('a b c')
    for (let i = 0; i < 50; i++) bench.choose({ settings: sticky, ...user(`v${i}`) })
    const gone = bench.node('a')
    const late = bench.begin('a')
    bench.fail('a')
    expect([bench.entry.impaired, vi.getTimerCount()]).toEqual([1, 1])
    const kept = bench.entry.sticky.size
    bench.tell('b c')
    expect([bench.entry.impaired, bench.entry.halfOpen, vi.getTimerCount()]).toEqual([0, 0, 0])
    expect(bench.entry.sticky.size).toBeLessThan(kept)
    late?.fail()
    expect(gone.breaker).toBeUndefined()
    for (let i = 0; i < 20; i++) bench.client.begin(bench.entry, gone, breaker)?.fail()
    expect([gone.breaker, bench.entry.impaired]).toEqual([undefined, 0])
  })

  test('the list is the same as long as nothing changes, so that what is worked out for it is kept', () => {
    const bench = new Bench('a b:2')
    const before = bench.entry.nodes
    bench.tell('a b:2')
    expect(bench.entry.nodes).toBe(before)
    bench.tell('a b:3')
    expect(bench.entry.nodes).not.toBe(before)
  })
})
