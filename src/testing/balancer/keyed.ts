import assert from 'node:assert/strict'
import type { Candidate } from '../../client/balancer.js'
import { alike, type Bench, type Checks, callOf } from './bench.js'

/** What holds for a balancer that says it is `keyed`. */
export const keyed: Checks = {
  'sends calls with the same key to the same node': (bench) => {
    const all = alike(10)
    assert.deepEqual(places(bench, all, true), places(bench, all, true))
    assert.deepEqual(places(bench, all, true), places(bench, [...all], false))
  },

  'moves few keys but those of a node that has left, and they come back with it': (bench) => {
    const all = alike(10)
    const before = places(bench, all, true)
    for (const gone of all.slice(0, 3)) {
      const left = all.filter((node) => node !== gone)
      const after = places(bench, left, false)
      const strayed = before.filter((node, i) => node !== gone && node !== after[i])
      assert.ok(strayed.length < keys / 20, `${strayed.length} keys of ${keys} moved without need`)
    }
    assert.deepEqual(places(bench, all, true), before)
  },
}

const keys = 2000

function places(bench: Bench, candidates: readonly Candidate[], lasting: boolean): Candidate[] {
  return Array.from({ length: keys }, (_, i) => bench.pick(candidates, callOf(`key-${i}`, { lasting })))
}
