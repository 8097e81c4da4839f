import { describe, expect, test } from 'vitest'
import { benchParts, type Reading } from '../support/bench.js'

const { judge, disturbances } = await benchParts()

const second = 1_000_000
const nothing: Reading = { tested: { work: 0, steal: 0 }, load: { work: 0, steal: 0 }, target: 0, helpers: 0 }

describe('a sample', () => {
  test('that had both cores to itself is undisturbed', () => {
    const after = { ...nothing, tested: { work: 0.99 * second, steal: 0 }, target: 0.98 * second }
    expect(
      judge(nothing, { ...after, load: { work: 0.6 * second, steal: 0 }, helpers: 0.58 * second }, second),
    ).toEqual({
      told: [],
      foreign: expect.closeTo(0.03),
      loadCoreFull: false,
    })
  })

  test('tells what others took of the core under test', () => {
    const after = { ...nothing, tested: { work: second, steal: 0 }, target: 0.9 * second }
    expect(judge(nothing, after, second).told).toEqual(['others took 10 % of the core under test'])
  })

  test("tells what others took of the load's core", () => {
    const after = { ...nothing, load: { work: 0.9 * second, steal: 0 }, helpers: 0.4 * second }
    expect(judge(nothing, after, second).told).toEqual(["others took 50 % of the load's core"])
  })

  test('tells what the host gave to others', () => {
    const after = { ...nothing, tested: { work: 0, steal: 0.05 * second } }
    expect(judge(nothing, after, second).told).toEqual(['the host took 5 % of a core'])
  })

  test("tells a full load's core, which is nobody's fault", () => {
    const after = { ...nothing, load: { work: second, steal: 0 }, helpers: second }
    expect(judge(nothing, after, second)).toMatchObject({ told: [], loadCoreFull: true })
  })

  test('is not disturbed by clocks that disagree', () => {
    const after = { ...nothing, tested: { work: 0.9 * second, steal: 0 }, target: 0.95 * second }
    expect(judge(nothing, after, second)).toMatchObject({ told: [], foreign: 0 })
  })
})

describe('a row', () => {
  const quiet = { told: [], foreign: 0, loadCoreFull: false }
  const cost = ({ cpu }: { cpu: number }) => cpu

  test('that nothing disturbed has nothing to tell', () => {
    expect(
      disturbances(
        {
          sidecar: [
            { ...quiet, cpu: 50 },
            { ...quiet, cpu: 52 },
          ],
        },
        cost,
      ),
    ).toEqual([])
  })

  test('tells who was disturbed how often, and the worst of it', () => {
    const a = { cpu: 50, told: ['others took 10 % of the core under test'], foreign: 0.1 }
    const b = { cpu: 50, told: ['the host took 30 % of a core'], foreign: 0.3 }
    expect(disturbances({ sidecar: [a, { ...quiet, cpu: 50 }], nginx: [b] }, cost)).toEqual([
      'disturbed: sidecar (1 of 2), nginx (1 of 1); at worst the host took 30 % of a core',
    ])
    expect(disturbances({ sidecar: [a], nginx: [b] }, cost)).toEqual([
      'disturbed: every run; at worst the host took 30 % of a core',
    ])
  })

  test('tells whose load was at its end', () => {
    expect(disturbances({ nginx: [{ ...quiet, cpu: 20, loadCoreFull: true }] }, cost)).toEqual([
      "the load's core was full, so they could do more: nginx",
    ])
  })

  test('tells whose rounds lie far apart', () => {
    expect(disturbances({ sidecar: [50, 60, 51].map((cpu) => ({ ...quiet, cpu })) }, cost)).toEqual([
      'rounds more than 12 % apart: sidecar',
    ])
  })
})
