import type { Balancer, Candidate } from './balancer.js'

/** One after the other, for each list of nodes; a list that changed starts anywhere. */
export function roundRobin(): Balancer {
  // Keyed by the list itself, which lives exactly as long as the service's nodes do not change.
  const turns = new WeakMap<readonly Candidate[], number>()
  return {
    name: 'round-robin',
    pick(candidates) {
      const turn = (turns.get(candidates) ?? Math.floor(Math.random() * candidates.length)) % candidates.length
      turns.set(candidates, turn + 1)
      return candidates[turn] as Candidate
    },
  }
}
