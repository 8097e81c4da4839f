import { frozenEndpoints, frozenMetadata, frozenNode } from '../frozen-service.js'
import type { Endpoint, Node } from '../registry.js'
import { AgentError } from './agent-error.js'
import { readTags } from './tags.js'

/** A node as Consul tells of it, with the version that it runs and how that version describes itself. */
export interface Instance {
  readonly node: Node
  readonly version: string
  readonly endpoints: readonly Endpoint[]
  readonly metadata: Readonly<Record<string, string>>
  /** `lapsed`: nothing is known against it but that its registration was not renewed in time. */
  readonly health: 'good' | 'lapsed' | 'bad'
  /** Higher: registered later. */
  readonly modified: number
}

/** Reads an answer to `/v1/health/service/NAME`; entries without a usable id or port are left out. */
export function readInstances(body: unknown): readonly Instance[] {
  if (!Array.isArray(body)) throw new AgentError('the answer is not a list of nodes')
  return body.slice(0, mostNodes).flatMap((entry: unknown) => instance(entry) ?? [])
}

/** Which servers keep the catalog, and since when: another list than before means another catalog. */
export function readServers(body: unknown): ReadonlySet<string> {
  if (!Array.isArray(body)) throw new AgentError('the answer is not a list of nodes')
  const servers = new Set<string>()
  for (const entry of body.slice(0, mostNodes)) {
    const id = text(field(field(entry, 'Node'), 'ID'))
    if (id !== '') servers.add(`${id} ${number(field(field(entry, 'Service'), 'CreateIndex'))}`)
  }
  return servers
}

/** S21 */
const mostNodes = 10_000

function instance(entry: unknown): Instance | undefined {
  const service = field(entry, 'Service')
  const id = text(field(service, 'ID'))
  const address = text(field(service, 'Address')) || text(field(field(entry, 'Node'), 'Address'))
  const port = number(field(service, 'Port'))
  if (id === '' || address === '' || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const tags = readTags(list(field(service, 'Tags')).filter((tag): tag is string => typeof tag === 'string'))
  return {
    node: frozenNode({ id: tags.id || id, address, port, metadata: tags.metadata }),
    version: tags.version,
    endpoints: frozenEndpoints(tags.endpoints),
    metadata: frozenMetadata(tags.serviceMetadata),
    health: health(list(field(entry, 'Checks'))),
    modified: number(field(service, 'ModifyIndex')),
  }
}

function health(checks: readonly unknown[]): Instance['health'] {
  const critical = checks.filter((check) => field(check, 'Status') === 'critical')
  if (critical.length === 0) return 'good'
  return critical.every((check) => field(check, 'Type') === 'ttl') ? 'lapsed' : 'bad'
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
