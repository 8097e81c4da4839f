import assert from 'node:assert/strict'
import { alike, type Checks, nodes } from './bench.js'

/** Of a balancer that spreads calls. The figures are far enough from what is expected that chance never fails them. */
export const spreading: Checks = {
  'gives nodes that are alike alike many calls': (bench) => within(bench.counts(alike(4), 8000), [1, 1, 1, 1]),

  'gives a new node its part soon, and no flood': (bench) => {
    const all = alike(5)
    bench.counts(all.slice(0, 4), 5000)
    const [, , , , fresh = 0] = bench.counts(all, 1000)
    assert.ok(fresh > 60 && fresh < 400, `a new node of five got ${fresh} of 1000 calls`)
  },
}

/** Of a balancer that looks at weights. */
export const weighing: Checks = {
  'gives nodes calls by their weights': (bench) => {
    const weights = [1, 3, 0.5, 3.5]
    within(bench.counts(nodes('weighted', weights), 16_000, { weighted: true }), weights)
  },

  'gives nodes of equal weights alike many calls, whatever the weight': (bench) => {
    const weights = [0.2, 0.2, 0.2, 0.2]
    within(bench.counts(nodes('light', weights), 8000, { weighted: true }), weights)
  },
}

function within(counts: readonly number[], shares: readonly number[]): void {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const expected = shares.map((share) => (share / sum(shares)) * sum(counts))
  const isNear = counts.every((count, i) => Math.abs(count - (expected[i] ?? 0)) < (expected[i] ?? 0) / 4)
  assert.ok(isNear, `calls went ${counts.join(', ')} where about ${expected.join(', ')} are right`)
}
