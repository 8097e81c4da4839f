import type { Balancer, Candidate } from '../balancer.js'
import { hashOf, winner } from '../rendezvous.js'
import { draw } from './draw.js'
import { NodeNotes } from './node-notes.js'

/** Calls with the same key go to the same node; when a node leaves or fails, only its own keys move. */
export function hash(): Balancer {
  const names = new NodeNotes((node) => ({ hash: hashOf(node.id) }))
  return {
    name: 'hash',
    keyed: true,
    pick(candidates, call) {
      const key = call.hashKey()
      if (key === undefined) return draw(candidates, call.weighted)
      const shares = call.weighted ? candidates : undefined
      return candidates[winner(hashOf(key), names.all(candidates, call.lasting), shares)] as Candidate
    },
  }
}
