import { ConfigError, type ConfigFault, MicroError } from '../../errors.js'
import { fieldFault, members } from '../json-fields.js'
import { completeNode } from '../node-json.js'
import type { Node, Service } from '../registry.js'
import { readService } from '../service-json.js'

/** Where in its source an element of the list stands, and how that place is called. */
export type Placed = (index: number) => Omit<ConfigFault, 'message'>

/** Over all services. */
const mostNodes = 10_000

/** Reads services as the registry's JSON has them. Throws a ConfigError with a fault for each that is wrong. */
export function readServices(list: readonly unknown[], placed: Placed): readonly Service[] {
  const faults: ConfigFault[] = []
  const fault = (index: number, message: string) => faults.push({ ...placed(index), message })
  const services = list.flatMap((value, index) => {
    try {
      return { index, service: readService(value, listedNode) }
    } catch (error) {
      if (!(error instanceof MicroError)) throw error
      fault(index, error.detail)
      return []
    }
  })
  const ids = new Set<string>()
  for (const { index, service } of services) {
    for (const { id } of service.nodes) {
      if (ids.has(`${service.name}\n${id}`)) fault(index, `a node ${id} of ${service.name} stands in the list twice`)
      ids.add(`${service.name}\n${id}`)
    }
  }
  if (ids.size > mostNodes) fault(0, `the list has ${ids.size} nodes, allowed: up to ${mostNodes}`)
  if (faults.length > 0) throw new ConfigError(faults)
  return services.map(({ service }) => service)
}

/** The ids of the nodes, by service. */
export function idsOf(services: readonly Service[]): ReadonlyMap<string, ReadonlySet<string>> {
  const ids = new Map<string, Set<string>>()
  for (const { name, nodes } of services) {
    const known = ids.get(name) ?? new Set()
    ids.set(name, known)
    for (const { id } of nodes) known.add(id)
  }
  return ids
}

/** A name that DNS has SRV records for, which tell the port too: `_http._tcp.example.com`. */
export function isServiceRecord({ address }: Pick<Node, 'address'>): boolean {
  return address.startsWith('_')
}

/** A node; one whose address is the name of SRV records has no port of its own. */
function listedNode(value: unknown, path: string): Node {
  const fields = members(value, path)
  const address = fields.get('address')
  if (typeof address !== 'string' || !isServiceRecord({ address })) return completeNode(value, path)
  const port = fields.get('port') ?? 0
  if (port !== 0) throw fieldFault(`${path}.port`, 'absent, as SRV records tell the port', port)
  const standIn = Object.fromEntries([...fields].filter(([key]) => key !== 'port'))
  return { ...completeNode({ ...standIn, port: 1 }, path), port: 0 }
}
