import { isDeepStrictEqual } from 'node:util'
import { MicroError } from '../errors.js'
import { Deadlines, type Expiring } from './deadlines.js'
import { frozenEndpoints, frozenMetadata, frozenNode } from './frozen-service.js'
import type { Node, RegisterOptions, Registry, RegistryEvent, Service } from './registry.js'
import { Watchers } from './watchers.js'

/** A registry that lives and dies with this process. What it gives out is frozen. */
export function memoryRegistry(): Registry {
  return new MemoryRegistry()
}

interface Named {
  readonly versions: Map<string, Version>
  readonly members: Map<string, Member>
}

interface Version {
  /** As it is now; made when somebody asks. */
  snapshot: Service | undefined
  description: Pick<Service, 'name' | 'version' | 'metadata' | 'endpoints'>
  readonly members: Map<string, Member>
}

interface Member extends Expiring {
  node: Node
  version: Version
}

class MemoryRegistry implements Registry {
  readonly name = 'memory'
  readonly #services = new Map<string, Named>()
  readonly #watchers = new Watchers()
  readonly #deadlines = new Deadlines<Member>((due) => this.#leave(due))
  #closed = false

  async register(service: Service, options: RegisterOptions = {}): Promise<void> {
    this.#check(service, options)
    const named = this.#named(service.name)
    const [version, action] = describe(named, service)
    const left = new Map<Version, Node[]>()
    let changed = action !== undefined
    for (const node of service.nodes) {
      changed = this.#join(named, version, node, left) || changed
      const member = named.members.get(node.id)
      if (member === undefined) continue
      if (options.ttl === undefined) this.#deadlines.delete(member)
      else this.#deadlines.set(member, options.ttl)
    }
    if (changed) this.#tell(action ?? 'update', version)
    this.#tellLeft(left)
  }

  async deregister(service: Service): Promise<void> {
    const members = this.#services.get(service.name)?.members
    if (members === undefined) return
    this.#leave(service.nodes.flatMap((node) => members.get(node.id) ?? []))
  }

  async getService(name: string): Promise<readonly Service[]> {
    return Object.freeze(snapshots(this.#services.get(name)))
  }

  async listServices(): Promise<readonly Service[]> {
    return Object.freeze([...this.#services.values()].flatMap(snapshots))
  }

  watch(listener: (event: RegistryEvent) => void): () => void {
    return this.#closed ? () => undefined : this.#watchers.add(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watchers.clear()
    this.#deadlines.clear()
    this.#services.clear()
  }

  #check(service: Service, { ttl }: RegisterOptions): void {
    if (this.#closed) throw new MicroError('go.micro.registry', 503, 'the registry is closed', { reason: 'draining' })
    if (service.nodes.length === 0) throw refusal(`nodes of ${service.name} must hold at least one node`)
    if (ttl !== undefined && !(ttl > 0 && Number.isFinite(ttl))) throw refusal(`ttl must be above 0 ms, not ${ttl}`)
  }

  #named(name: string): Named {
    const known = this.#services.get(name)
    if (known !== undefined) return known
    const named = { versions: new Map(), members: new Map() }
    this.#services.set(name, named)
    return named
  }

  /** Adds, replaces or moves a node; true when the version looks different afterwards. */
  #join(named: Named, version: Version, node: Node, left: Map<Version, Node[]>): boolean {
    const copy = frozenNode(node)
    const member = named.members.get(node.id)
    if (member?.version === version && isDeepStrictEqual(member.node, copy)) return false
    if (member !== undefined && member.version !== version) note(left, part(member))
    const joined = member ?? { node: copy, version, deadline: 0, position: -1 }
    joined.node = copy
    joined.version = version
    named.members.set(node.id, joined)
    version.members.set(node.id, joined)
    version.snapshot = undefined
    return true
  }

  #leave(members: readonly Member[]): void {
    const left = new Map<Version, Node[]>()
    for (const member of new Set(members)) {
      this.#deadlines.delete(member)
      this.#services.get(member.version.description.name)?.members.delete(member.node.id)
      note(left, part(member))
    }
    this.#tellLeft(left)
  }

  /** Versions that lost nodes: those without any go, and their service with the last of them. */
  #tellLeft(left: ReadonlyMap<Version, Node[]>): void {
    for (const [version, nodes] of left) {
      if (version.members.size > 0) {
        this.#tell('update', version)
        continue
      }
      this.#forget(version)
      this.#watchers.tell({
        action: 'delete',
        service: Object.freeze({ ...version.description, nodes: Object.freeze(nodes) }),
      })
    }
  }

  #forget({ description: { name, version } }: Version): void {
    const named = this.#services.get(name)
    named?.versions.delete(version)
    if (named?.versions.size === 0) this.#services.delete(name)
  }

  #tell(action: 'create' | 'update', version: Version): void {
    if (this.#watchers.size > 0) this.#watchers.tell({ action, service: snapshot(version) })
  }
}

/** Finds or makes the version and lets the newest registration describe it; tells what that did to it. */
function describe(named: Named, service: Service): [Version, 'create' | 'update' | undefined] {
  const description = {
    name: service.name,
    version: service.version,
    metadata: frozenMetadata(service.metadata),
    endpoints: frozenEndpoints(service.endpoints),
  }
  const known = named.versions.get(service.version)
  if (known === undefined) {
    const version: Version = { snapshot: undefined, description, members: new Map() }
    named.versions.set(service.version, version)
    return [version, 'create']
  }
  if (isDeepStrictEqual(known.description, description)) return [known, undefined]
  known.description = description
  known.snapshot = undefined
  return [known, 'update']
}

/** Takes the member out of its version. */
function part(member: Member): Member {
  member.version.members.delete(member.node.id)
  member.version.snapshot = undefined
  return member
}

function note(left: Map<Version, Node[]>, { version, node }: Member): void {
  const nodes = left.get(version)
  if (nodes === undefined) left.set(version, [node])
  else nodes.push(node)
}

function snapshots(named: Named | undefined): Service[] {
  return named === undefined ? [] : [...named.versions.values()].map(snapshot)
}

function snapshot(version: Version): Service {
  version.snapshot ??= Object.freeze({
    ...version.description,
    nodes: Object.freeze(Array.from(version.members.values(), (member) => member.node)),
  })
  return version.snapshot
}

function refusal(detail: string): MicroError {
  return new MicroError('go.micro.registry', 400, detail, { reason: 'bad_request' })
}
