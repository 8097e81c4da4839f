import type { ClientCall } from './call.js'
import type { NodeGroup } from './node-group.js'
import type { ServiceNode } from './service-node.js'

/** Milliseconds that a node waits for a call that can be tried again elsewhere, before any other may find out about it. */
const patience = 100

/**
 * Which of the nodes a first attempt may go to, while some breaker is not closed. A node that is half open gets the
 * next call at once. At most half of the nodes are out; beyond that all are used: trying beats refusing.
 */
export function admitted(
  nodes: readonly ServiceNode[],
  group: NodeGroup,
  call: ClientCall,
  isKeyed: boolean,
): readonly ServiceNode[] {
  const probed = nodes.filter((node) => isWaiting(node, call))
  if (probed.length > 0 && !isKeyed) return probed.slice(0, 1)
  const closed = nodes === group.nodes ? group.closed : nodes.filter(isClosed)
  if ((nodes.length - closed.length) * 2 > nodes.length) return nodes
  return probed.length === 0 ? closed : [...closed, ...probed]
}

/** Which of the nodes a further attempt may go to: one call pays for finding out about a node, and not twice. */
export function admittedAgain(nodes: readonly ServiceNode[]): readonly ServiceNode[] {
  const closed = nodes.filter(isClosed)
  if (closed.length > 0) return closed
  const admitting = nodes.filter(({ breaker }) => breaker?.admits === true)
  return admitting.length > 0 ? admitting : nodes
}

function isClosed({ state }: ServiceNode): boolean {
  return state === 'closed'
}

function isWaiting({ breaker }: ServiceNode, { idempotent }: ClientCall): boolean {
  if (breaker?.state !== 'half-open' || !breaker.admits) return false
  return idempotent || breaker.age >= patience
}
