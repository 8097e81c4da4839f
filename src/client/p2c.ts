import type { Balancer, Candidate } from './balancer.js'

/** Power of two choices: of two distinct random nodes the one with fewer calls in flight. */
export function p2c(): Balancer {
  return { name: 'p2c', pick }
}

function pick(candidates: readonly Candidate[]): Candidate {
  const count = candidates.length
  const first = Math.floor(Math.random() * count)
  const second = (first + 1 + Math.floor(Math.random() * (count - 1))) % count
  const a = candidates[first] as Candidate
  const b = candidates[second] as Candidate
  return b.inFlight < a.inFlight ? b : a
}
