import { expect, test } from 'vitest'
import { LatencyWindow } from '../../../src/telemetry/counters/latency-window.js'
import { ServiceCounters } from '../../../src/telemetry/counters/service-counters.js'

function requests(service: ServiceCounters, count: number, milliseconds: number, handler = 'proxy'): void {
  for (let i = 0; i < count; i++) service.request(handler, 200, milliseconds)
}

test('p50 and p99 lie in the bucket of the request that they are, over all handlers', () => {
  const service = new ServiceCounters('a')
  const window = new LatencyWindow(service, 3)
  expect(window.quantile(0.5)).toBeUndefined()
  requests(service, 60, 4)
  requests(service, 30, 20, 'sdk')
  requests(service, 10, 700)
  expect(window.quantile(0.5)).toBeCloseTo(2.5 + (2.5 * 50) / 60)
  expect(window.quantile(0.75)).toBeCloseTo(10 + (15 * 15) / 30)
  expect(window.quantile(0.99)).toBeCloseTo(500 + (500 * 9) / 10)
  expect(window.quantile(1)).toBe(1000)
})

test('what is above the last bound is shown as the bound', () => {
  const service = new ServiceCounters('a')
  const window = new LatencyWindow(service, 3)
  requests(service, 1, 60_000)
  expect(window.quantile(0.99)).toBe(10_000)
})

test('holds what came since the oldest of its turns, and no more', () => {
  const service = new ServiceCounters('a')
  requests(service, 1000, 9000)
  const window = new LatencyWindow(service, 3)
  requests(service, 100, 4000)
  window.turn()
  requests(service, 100, 0.5)
  window.turn()
  expect(window.quantile(0.99)).toBeGreaterThan(2500)
  window.turn()
  expect(window.quantile(0.99)).toBeLessThanOrEqual(1)
  window.turn()
  expect(window.quantile(0.99)).toBeUndefined()
})
