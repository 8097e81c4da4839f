import { describe, expect, test } from 'vitest'
import { ServiceLedger } from '../../../src/telemetry/counters/service-ledger.js'

const minute = 60_000

function names(ledger: ServiceLedger): string[] {
  return ledger.all.map(({ name }) => name).filter((name) => name !== '' && name !== 'unknown')
}

describe('S12: services', () => {
  test('are known by the registry alone; all that callers invent is one', () => {
    const ledger = new ServiceLedger(() => 0)
    ledger.of('a')
    for (let i = 0; i < 10_000; i++) ledger.find(`invented-${i}`).request('proxy', 404, 1)
    ledger.find('a').request('proxy', 200, 1)
    ledger.find('').request('registry', 200, 1)
    expect(ledger.all.map(({ name }) => name)).toEqual(['a', 'unknown', ''])
    expect(ledger.unknown.requests.get('proxy')?.counts).toEqual([10_000])
  })

  test('beyond the bound count as unknown, and are taken in again when others have gone', () => {
    let now = 0
    const ledger = new ServiceLedger(() => now)
    const held = ledger.of('held')
    held.hold()
    for (let i = 1; i < 2000; i++) ledger.of(`s${i}`)
    expect(ledger.of('one-too-many')).toBe(ledger.unknown)
    now = 10 * minute
    expect(ledger.of('one-too-many').name).toBe('one-too-many')
    expect(names(ledger)).toEqual(['held', 'one-too-many'])
  })

  test('a service that is called unknown is no second series', () => {
    const ledger = new ServiceLedger()
    expect(ledger.of('unknown')).toBe(ledger.unknown)
    expect(ledger.find('unknown')).toBe(ledger.unknown)
  })

  test('names that every object has are names', () => {
    const ledger = new ServiceLedger()
    for (const name of ['__proto__', 'constructor', 'toString']) expect(ledger.of(name).name).toBe(name)
    expect(names(ledger)).toEqual(['__proto__', 'constructor', 'toString'])
  })
})

describe('the series of a service', () => {
  test('stay as long as it is there, and are gone within ten minutes after', () => {
    let now = 0
    const ledger = new ServiceLedger(() => now)
    const counters = ledger.of('a')
    counters.hold()
    now = 60 * minute
    expect(names(ledger)).toEqual(['a'])
    counters.release(now)
    now += 8 * minute
    expect(names(ledger)).toEqual(['a'])
    now += 2 * minute
    expect(names(ledger)).toEqual([])
  })

  test('go on where they were when it comes back in time', () => {
    let now = 0
    const ledger = new ServiceLedger(() => now)
    const counters = ledger.of('a')
    counters.hold()
    counters.retries = 3
    counters.release(now)
    now += 5 * minute
    const again = ledger.of('a')
    again.hold()
    now += 60 * minute
    expect(ledger.all.find(({ name }) => name === 'a')?.retries).toBe(3)
  })

  test('calls of a name that has left do not keep it', () => {
    let now = 0
    const ledger = new ServiceLedger(() => now)
    ledger.of('a')
    for (; now < 10 * minute; now += minute) ledger.find('a').request('rpc', 404, 1)
    expect(names(ledger)).toEqual([])
  })
})

test('codes that are no status of HTTP are a 500; a WebSocket has no latency', () => {
  const counters = new ServiceLedger().of('a')
  for (const code of [200, 1e9, 7, Number.NaN, 200, 101]) counters.request('sdk', code, 3)
  const requests = counters.requests.get('sdk')
  expect(requests?.codes).toEqual([200, 500, 101])
  expect(requests?.counts).toEqual([2, 3, 1])
  expect(requests?.durations.sum).toBe(15)
})
