import { pluginFailed } from '../errors.js'
import { admitted, admittedAgain } from './admission.js'
import type { Balancer } from './balancer.js'
import type { ClientCall } from './call.js'
import { CallValues } from './call-values.js'
import type { NodeGroup } from './node-group.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'
import { drawVersion } from './version-draw.js'

/** The node for the next attempt: one that fits the call, was not tried yet and is not left alone for its failures. */
export function chooseNode(
  balancer: Balancer,
  entry: ServiceEntry,
  call: ClientCall,
  tried: readonly ServiceNode[],
  isRetry = tried.length > 0,
): ServiceNode | undefined {
  const group = entry.group(call.settings)
  const { sticky } = call.settings
  const value = sticky === undefined ? undefined : call.value(sticky.kind, sticky.name)
  let nodes = fitting(group, call, tried)
  if (entry.impaired > 0 && nodes.length > 1) {
    const isKeyed = balancer.keyed === true || value !== undefined
    nodes = isRetry ? admittedAgain(nodes) : admitted(nodes, group, call, isKeyed)
  }
  if (group.shares.length > 1 && nodes.length > 1) nodes = drawVersion(nodes, group, value)
  if (value !== undefined && nodes.length > 0) return entry.sticky.pick(value, nodes, group.weighted)
  return nodes.length > 1 ? pickFrom(balancer, nodes, group, call) : nodes[0]
}

/** The group's own list, wherever nothing forbids a node: the usual case makes no new array. */
function fitting(group: NodeGroup, call: ClientCall, tried: readonly ServiceNode[]): readonly ServiceNode[] {
  const filter = call.nodeFilter
  if (filter === undefined && tried.length === 0) return group.nodes
  return group.nodes.filter((node) => (filter === undefined || filter(node)) && !tried.includes(node))
}

/** A plugin may give anything back: what is none of the candidates is replaced by the first. */
function pickFrom(
  balancer: Balancer,
  candidates: readonly ServiceNode[],
  group: NodeGroup,
  call: ClientCall,
): ServiceNode | undefined {
  try {
    const picked = balancer.pick(candidates, new CallValues(call, group.weighted, group.owns(candidates)))
    return candidates[candidates.indexOf(picked as ServiceNode)] ?? candidates[0]
  } catch (error) {
    throw pluginFailed(`balancer ${balancer.name}`, error)
  }
}
