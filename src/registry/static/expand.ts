import { isIP } from 'node:net'
import type { Node, Service } from '../registry.js'
import type { Target } from './names.js'
import { isServiceRecord } from './service-list.js'

/** The names that have to be looked up. */
export function namesIn(services: readonly Service[]): ReadonlySet<string> {
  return new Set(services.flatMap(({ nodes }) => nodes.filter(isNamed).map(({ address }) => address)))
}

/** The services with a node for each place that a name leads to; without those that then have none. */
export function expanded(
  services: readonly Service[],
  targets: (name: string) => readonly Target[],
): readonly Service[] {
  return services
    .map((service) => ({ ...service, nodes: service.nodes.flatMap((node) => nodesOf(node, targets)) }))
    .filter(({ nodes }) => nodes.length > 0)
}

/** `localhost` is left to whoever connects, which tries both of its addresses. */
function isNamed({ address }: Node): boolean {
  return isIP(address) === 0 && !/(?:^|\.)localhost\.?$/i.test(address)
}

function nodesOf(node: Node, targets: (name: string) => readonly Target[]): readonly Node[] {
  if (!isNamed(node)) return [node]
  return targets(node.address).map(({ address, port = node.port, weight }) => ({
    id: `${node.id}-${isServiceRecord(node) ? withPort(address, port) : address}`,
    address,
    port,
    metadata: weight ? { weight: String(weight), ...node.metadata } : node.metadata,
  }))
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
