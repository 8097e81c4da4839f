import { pluginFailed } from '../errors.js'
import type { Balancer } from './balancer.js'
import type { ClientCall } from './call.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

/**
 * The node for the next attempt: one that fits the call, was not tried yet and has a breaker that admits.
 * With more than half of the nodes out, all of them are used: trying beats refusing.
 */
export function chooseNode(
  balancer: Balancer,
  entry: ServiceEntry,
  call: ClientCall,
  tried: readonly ServiceNode[],
): ServiceNode | undefined {
  const fitting = fittingNodes(entry, call, tried)
  const admitted = entry.impaired === 0 ? fitting : admittedNodes(entry, fitting)
  const candidates = admitted.length > 0 ? admitted : fitting
  if (candidates.length <= 1) return candidates[0]
  return pickFrom(balancer, candidates, call)
}

/** The whole list as it is, wherever nothing forbids a node: the usual case makes no new array. */
function fittingNodes(entry: ServiceEntry, call: ClientCall, tried: readonly ServiceNode[]): readonly ServiceNode[] {
  const { version } = call.settings
  const filter = call.nodeFilter
  if (version === undefined && filter === undefined && tried.length === 0) return entry.nodes
  return entry.nodes.filter(
    (node) =>
      (version === undefined || node.version === version) &&
      (filter === undefined || filter(node)) &&
      !tried.includes(node),
  )
}

function admittedNodes(entry: ServiceEntry, fitting: readonly ServiceNode[]): readonly ServiceNode[] {
  if (entry.impaired * 2 > entry.nodes.length) return fitting
  return fitting.filter((node) => node.breaker === undefined || node.breaker.admits)
}

/** A plugin may give anything back: what is none of the candidates is replaced by the first. */
function pickFrom(balancer: Balancer, candidates: readonly ServiceNode[], call: ClientCall): ServiceNode | undefined {
  try {
    const picked = balancer.pick(candidates, { service: call.service, remoteAddress: call.remoteAddress })
    return candidates.find((node) => node === picked) ?? candidates[0]
  } catch (error) {
    throw pluginFailed(`balancer ${balancer.name}`, error)
  }
}
