import { Deadlines } from '../deadlines.js'
import type { Node, Service } from '../registry.js'
import { AgentError, isUnreachable } from './agent-error.js'
import type { AgentWriter } from './agent-writer.js'
import type { Instance } from './instances.js'
import { keyOf, type OwnNode, ownNode } from './own-node.js'
import { spreadOut } from './spread-out.js'
import { Turns } from './turns.js'
import { UnseenNodes } from './unseen-nodes.js'

export interface OwnNodesOptions {
  readonly writer: AgentWriter
  /** Whether Consul can be asked at all. */
  isDown(): boolean
  onFailure(error: unknown): void
  /** Other nodes of that service than before are to be added to what Consul tells. */
  onChange(name: string): void
}

/** What was registered through this registry: each node's writes in order, and all again when Consul lost them. */
export class OwnNodes {
  readonly #options: OwnNodesOptions
  readonly #nodes = new Map<string, OwnNode>()
  /** Consul's ids that are taken, by which node. */
  readonly #ids = new Map<string, string>()
  readonly #turns = new Turns()
  readonly #unseen: UnseenNodes
  readonly #deadlines = new Deadlines<OwnNode>((due) => this.#expire(due))
  #remaking: AbortController | undefined

  constructor(options: OwnNodesOptions) {
    this.#options = options
    this.#unseen = new UnseenNodes(options.onChange)
  }

  /** Nodes that Consul has not shown yet, or no more. */
  unseen(name: string): readonly Instance[] {
    return this.#unseen.of(name)
  }

  /** Resolves to false for a renewal that changed nothing. Rejects when the agent did not take it; it is made when it can. */
  async register(service: Service, node: Node, ttl: number | undefined): Promise<boolean> {
    const key = keyOf(service.name, node.id)
    const known = this.#nodes.get(key)
    const fresh = ownNode(service, node, ttl, known?.registration.id ?? this.#freeId(service.name, node.id))
    const isSame = known?.text === fresh.text
    const own = isSame ? known : fresh
    if (known !== undefined && !isSame) this.#retire(known)
    this.#nodes.set(key, own)
    this.#ids.set(own.registration.id, key)
    if (ttl !== undefined) this.#deadlines.set(own, ttl)
    if (!isSame) this.#unseen.add(key, own.name, own.instance)
    const hadCheck = known?.registration.check !== undefined
    const write = () => this.#write(own, isSame, hadCheck)
    await this.#turns.run(own.registration.id, write).catch((error: unknown) => this.#refused(own, error))
    return !isSame
  }

  async deregister(name: string, nodeId: string): Promise<void> {
    const key = keyOf(name, nodeId)
    const own = this.#nodes.get(key)
    if (own !== undefined) this.#remove(own)
    const id = own?.registration.id ?? nodeId
    if (this.#ids.has(id)) return
    await this.#turns.run(id, async () => {
      this.#needAgent()
      await this.#options.writer.deregister(id)
    })
  }

  /** Consul tells of these nodes. */
  shown(name: string, found: readonly Instance[]): void {
    if (this.#unseen.isEmpty) return
    this.#unseen.shown(found.map((instance) => [keyOf(name, instance.node.id), instance]))
  }

  /** Consul was away: whatever it says, these nodes are there until they have been made again. */
  doubt(): void {
    for (const [key, own] of this.#nodes) this.#unseen.add(key, own.name, own.instance)
  }

  /** It was nothing: what is there will be shown soon. */
  calm(): void {
    for (const key of this.#nodes.keys()) this.#unseen.expect(key)
  }

  /** Makes every registration again, or passes its check where Consul still has it. */
  async remake(): Promise<void> {
    this.#remaking?.abort()
    this.#remaking = new AbortController()
    const { signal } = this.#remaking
    await spreadOut([...this.#nodes.values()], (own) => this.#again(own), signal)
  }

  close(): void {
    this.#remaking?.abort()
    this.#deadlines.clear()
    this.#nodes.clear()
    this.#unseen.clear()
  }

  /** The node's own, unless a node of another service has it. */
  #freeId(name: string, nodeId: string): string {
    return this.#ids.has(nodeId) ? `${name}:${nodeId}` : nodeId
  }

  /** A known registration needs only its check passed; when Consul does not know it any more, all is made anew. */
  async #write(own: OwnNode, isSame: boolean, hadCheck = false): Promise<void> {
    const { writer } = this.#options
    const { id, check } = own.registration
    if (this.#nodes.get(own.key) !== own) return
    this.#needAgent()
    if (!isSame || check === undefined || !(await this.#passed(id))) {
      if (check === undefined && hadCheck) await writer.dropCheck(id)
      await writer.register(own.registration)
      if (check !== undefined) await writer.pass(id)
    }
    this.#unseen.expect(own.key)
  }

  #needAgent(): void {
    if (this.#options.isDown()) throw new AgentError('the agent does not answer', { unreachable: true })
  }

  /** What the agent will not have is not tried again; what it could not be told is. */
  #refused(own: OwnNode, error: unknown): never {
    this.#options.onFailure(error)
    const isFinal = error instanceof AgentError && error.status !== undefined && error.status < 500
    if (isFinal && this.#nodes.get(own.key) === own) this.#remove(own)
    throw error
  }

  async #passed(id: string): Promise<boolean> {
    try {
      await this.#options.writer.pass(id)
      return true
    } catch (error) {
      if (isUnreachable(error)) throw error
      return false
    }
  }

  /** False when it should be tried once more. */
  async #again(own: OwnNode): Promise<boolean> {
    const { id } = own.registration
    try {
      await this.#turns.run(id, () => this.#write(own, true))
      return true
    } catch (error) {
      this.#options.onFailure(error)
      if (isUnreachable(error)) return this.#options.isDown()
      return false
    }
  }

  #expire(due: readonly OwnNode[]): void {
    for (const own of due) this.#remove(own)
  }

  #remove(own: OwnNode): void {
    this.#retire(own)
    this.#unseen.delete(own.key)
  }

  #retire(own: OwnNode): void {
    this.#deadlines.delete(own)
    this.#nodes.delete(own.key)
    this.#ids.delete(own.registration.id)
  }
}
