import type { BalancedCall, Balancer, Candidate } from '../balancer.js'
import { drawTwo } from './draw.js'

/** Power of two choices: of two different random nodes the one with fewer calls in flight for its weight. */
export function p2c(): Balancer {
  return { name: 'p2c', pick }
}

function pick(candidates: readonly Candidate[], { weighted }: BalancedCall): Candidate {
  return drawTwo(candidates, weighted, lessBusy)
}

function lessBusy(first: Candidate, second: Candidate): Candidate {
  return second.inFlight * first.weight < first.inFlight * second.weight ? second : first
}
