import type { Balancer, Candidate } from '../balancer.js'
import { NodeNotes } from './node-notes.js'

/** How far a node has come: each call takes it on, by less the more it weighs. */
interface Turn {
  at: number
}

/** One after the other: the turn is of the node that is furthest behind. */
export function roundRobin(): Balancer {
  const turns = new NodeNotes<Turn>(() => ({ at: 0 }))
  return {
    name: 'round-robin',
    pick(candidates, { lasting }) {
      const list = turns.all(candidates, lasting)
      const next = furthestBehind(list, candidates)
      const node = candidates[next] as Candidate
      const turn = list[next] as Turn
      turn.at += 1 / node.weight
      return node
    },
  }
}

/** Who was away, or is new, is not given all that it missed: it stands one turn behind the first at most. */
function furthestBehind(turns: readonly Turn[], candidates: readonly Candidate[]): number {
  let first = 0
  let longest = 0
  for (let i = 0; i < turns.length; i++) {
    first = Math.max(first, (turns[i] as Turn).at)
    longest = Math.max(longest, 1 / (candidates[i] as Candidate).weight)
  }
  let found = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < turns.length; i++) {
    const turn = turns[i] as Turn
    if (turn.at < first - longest) turn.at = first - longest
    if (turn.at < least) {
      least = turn.at
      found = i
    }
  }
  return found
}
