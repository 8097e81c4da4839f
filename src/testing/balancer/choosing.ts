import assert from 'node:assert/strict'
import { alike, type Bench, type Checks, callOf, nodes } from './bench.js'

/** What holds for every balancer, however it chooses. */
export const choosing: Checks = {
  'has a name': ({ balancer }) => assert.match(balancer.name, /\S/),

  'picks the only candidate': (bench) => {
    const only = alike(1)
    for (let i = 0; i < 20; i++) assert.equal(bench.pick(only, callOf(`${i}`)), only[0])
  },

  'picks one of the candidates, of however many, and leaves them as they are': (bench) => {
    for (const count of [2, 3, 10, 500]) bench.counts(alike(count), 50)
    for (const weights of [
      [1, 2, 3],
      [0.001, 1000, 1],
    ])
      bench.counts(nodes('weighted', weights), 50, { weighted: true })
  },

  'takes a call of which nothing is known': (bench) => {
    for (let i = 0; i < 50; i++) bench.pick(alike(3), callOf(undefined))
  },

  'picks from a list that comes only once': (bench) => {
    const all = alike(6)
    for (let i = 0; i < 200; i++) {
      const some = all.filter((_, index) => index !== i % 6 && index !== (i * 5) % 6)
      bench.pick(some, callOf(`${i}`, { lasting: false }))
    }
  },

  'follows the list when nodes come and go': (bench) => {
    const all = alike(9)
    for (let round = 0; round < 40; round++) bench.counts(all.slice(round % 5, 6 + (round % 4)), 20)
  },

  'keeps services apart': (bench) => {
    const [one, other] = [alike(3, 'one'), alike(5, 'other')]
    for (let i = 0; i < 100; i++) {
      bench.pick(one, callOf(`${i}`, { service: 'one' }))
      bench.pick(other, callOf(`${i}`, { service: 'other' }))
    }
  },

  'takes what it hears of attempts, also of nodes that it never picked': (bench) => observe(bench),
}

function observe(bench: Bench): void {
  const all = alike(4)
  const observations = [
    { latency: 0, failed: false, retryAfter: undefined },
    { latency: 1e7, failed: false, retryAfter: undefined },
    { latency: 3, failed: true, retryAfter: undefined },
    { latency: 3, failed: true, retryAfter: 1e9 },
  ]
  for (const observation of observations) {
    for (const node of [...all, ...alike(2, 'gone')]) bench.balancer.observe?.(node, observation)
    bench.counts(all, 50)
  }
}
