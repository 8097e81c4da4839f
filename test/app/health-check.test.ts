import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HealthCheck, type HealthCheckOptions, type ProbeResult } from '../../src/app/health-check.js'

const well: ProbeResult = { healthy: true, status: 200 }
const ill: ProbeResult = { healthy: false, status: 500, reason: 'it answered 500' }
const standard = { interval: 5000, timeout: 500, unhealthy: 3, healthy: 2 }

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** The answers that come one after the other, the last for good. */
function started(answers: readonly ProbeResult[], options: Partial<HealthCheckOptions> = {}) {
  const changes: boolean[] = []
  const probe = vi.fn(async () => answers[Math.min(probe.mock.calls.length, answers.length) - 1] ?? ill)
  const check = new HealthCheck({ ...standard, probe, onChange: (healthy) => changes.push(healthy), ...options })
  check.start()
  return { check, changes, probe }
}

test('the first look is at once, and its result counts', async () => {
  const { check, changes } = started([well])
  expect(check.healthy).toBe(undefined)
  await vi.advanceTimersByTimeAsync(0)
  expect(changes).toEqual([true])
  expect(check.last).toEqual(well)
  expect(check.checkedAt?.getTime()).toBe(Date.now())
  check.stop()
})

test('out after failures in a row, in after successes in a row, flapping changes nothing', async () => {
  const flapping = [well, ill, ill, well, ill, ill, well, ill, ill, ill, well, ill, well, well, well]
  const { check, changes, probe } = started(flapping)
  const history: string[] = []
  for (let round = 0; round < flapping.length; round++) {
    await vi.advanceTimersByTimeAsync(round === 0 ? 0 : standard.interval)
    history.push(`${probe.mock.calls.length}:${check.healthy}`)
  }
  expect(history.slice(8)).toEqual(['9:true', '10:false', '11:false', '12:false', '13:false', '14:true', '15:true'])
  expect(changes).toEqual([true, false, true])
  check.stop()
})

test('until it has been well once it is looked at more often', async () => {
  const { check, probe } = started([ill, ill, ill, well], { healthy: 1 })
  await vi.advanceTimersByTimeAsync(1500)
  expect(probe).toHaveBeenCalledTimes(4)
  await vi.advanceTimersByTimeAsync(4900)
  expect(probe).toHaveBeenCalledTimes(5)
  check.stop()
})

test('R15: a probe that hangs is a failure at its time, and stops nothing', async () => {
  const signals: AbortSignal[] = []
  let hangs = false
  const probe = vi.fn((signal: AbortSignal) => {
    signals.push(signal)
    return hangs ? new Promise<ProbeResult>(() => {}) : Promise.resolve(well)
  })
  const { check, changes } = started([], { probe, interval: 200, healthy: 1 })
  await vi.advanceTimersByTimeAsync(0)
  hangs = true
  await vi.advanceTimersByTimeAsync(200 * 3 + 500)
  expect(changes).toEqual([true, false])
  expect(check.last?.reason).toBe('no answer within 500 ms')
  expect(signals.filter((signal) => signal.aborted)).toHaveLength(3)
  hangs = false
  await vi.advanceTimersByTimeAsync(200)
  expect(changes).toEqual([true, false, true])
  // Those that still hung began before the one that was well.
  await vi.advanceTimersByTimeAsync(600)
  expect(changes).toEqual([true, false, true])
  check.stop()
})

test('what hangs for long is not asked without end', async () => {
  const probe = vi.fn(() => new Promise<ProbeResult>(() => {}))
  const { check } = started([], { probe, interval: 10, timeout: 60_000 })
  await vi.advanceTimersByTimeAsync(5000)
  expect(probe).toHaveBeenCalledTimes(16)
  check.stop()
})

test('a probe that throws is a failure with its reason', async () => {
  const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' })
  const { check } = started([], { probe: () => Promise.reject(refused) })
  await vi.advanceTimersByTimeAsync(0)
  expect(check.last).toEqual({ healthy: false, reason: 'ECONNREFUSED' })
  check.stop()
})

test('nothing is left after the stop', async () => {
  const { check, changes } = started([], { probe: () => new Promise(() => {}) })
  await vi.advanceTimersByTimeAsync(100)
  check.stop()
  expect(vi.getTimerCount()).toBe(0)
  check.start()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(changes).toEqual([])
})

test('many sidecars do not ask in step, and never later than the interval', async () => {
  vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValue(0.5)
  const { check, probe } = started([well], { interval: 400 })
  await vi.advanceTimersByTimeAsync(360)
  expect(probe).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(380)
  expect(probe).toHaveBeenCalledTimes(3)
  check.stop()
})
