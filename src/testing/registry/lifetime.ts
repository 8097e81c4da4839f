import type { Checks } from './bench.js'

/** R14: a ttl ends what it was given for, and only that. */
export const lifetime: Checks = {
  'R14: lets a node go when its ttl is over': async (bench) => {
    await bench.register({ nodes: [bench.node('a')] })
    await bench.register({ nodes: [bench.node('b')] }, bench.ttl)
    await bench.shows(bench.name, [': a b'])
    await bench.pass(3 * bench.ttl)
    await bench.shows(bench.name, [': a'])
  },

  'R14: counts the ttl per node and anew with every registration': async (bench) => {
    await bench.register({ nodes: [bench.node('a'), bench.node('b')] }, bench.ttl)
    for (let i = 0; i < 4; i++) {
      await bench.pass(bench.ttl / 2)
      await bench.register({ nodes: [bench.node('a')] }, bench.ttl)
    }
    await bench.shows(bench.name, [': a'])
  },

  'R14: forgets the ttl when registered again without one': async (bench) => {
    await bench.register({ nodes: [bench.node('a')] }, bench.ttl)
    await bench.register({ nodes: [bench.node('a')] })
    await bench.pass(3 * bench.ttl)
    await bench.shows(bench.name, [': a'])
  },
}
