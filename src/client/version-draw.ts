import { type NodeGroup, ofVersion, type VersionShare } from './node-group.js'
import { hashOf, winner } from './rendezvous.js'
import type { ServiceNode } from './service-node.js'

/**
 * Those of the nodes that run one version, drawn by the shares of the split; a version that has none of them gives its
 * share to the others. Calls with the same `value` draw the same version.
 */
export function drawVersion(
  nodes: readonly ServiceNode[],
  group: NodeGroup,
  value: string | undefined,
): readonly ServiceNode[] {
  const isWhole = nodes === group.nodes
  const present = isWhole
    ? group.shares
    : group.shares.filter(({ version }) => nodes.some((node) => node.version === version))
  const share = value === undefined ? byChance(present) : present[winner(hashOf(value), present, present)]
  if (share === undefined) return nodes
  return isWhole ? share.nodes : ofVersion(nodes, share.version)
}

function byChance(shares: readonly VersionShare[]): VersionShare | undefined {
  let left = 0
  for (const { weight } of shares) left += weight
  left *= Math.random()
  for (const share of shares) {
    left -= share.weight
    if (left < 0) return share
  }
  return shares.at(-1)
}
