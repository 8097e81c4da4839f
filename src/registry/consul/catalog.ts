import { Deadlines } from '../deadlines.js'
import type { RegistryEvent, Service } from '../registry.js'
import { AgentError } from './agent-error.js'
import type { AgentReader, Answer } from './agent-reader.js'
import type { Allowance } from './allowance.js'
import { Followed, type FollowedOptions } from './followed.js'
import type { Instance } from './instances.js'
import type { Line } from './line.js'
import { type Doubt, keeping, Listing } from './listing.js'
import { Lookups, unavailable } from './lookups.js'
import { Overview } from './overview.js'
import type { OwnNodes } from './own-nodes.js'
import { RefreshQueue } from './refresh-queue.js'
import type { Timing } from './timing.js'

export interface CatalogOptions {
  readonly reader: AgentReader
  readonly line: Line
  readonly timing: Timing
  readonly allowance: Allowance
  readonly own: OwnNodes
  tell(event: RegistryEvent): void
  onFailure(error: unknown): void
}

/** An agent allows 200 connections from one address, unless told otherwise; others want some too. */
const mostDirect = 100
const mostFollowed = 10_000
const tooManyConnections = 429
/** Milliseconds between the questions of two services after an outage. */
const between = 4

/** Every service that is followed, however it is, and the look-ups of those that are not yet. */
export class Catalog {
  readonly #options: CatalogOptions
  /** In the order in which they were asked for last. */
  readonly #followed = new Map<string, Followed>()
  readonly #keeping = keeping((_listing, events) => this.#tell(events))
  readonly #idle = new Deadlines<Followed>((due) => this.#leave(due))
  readonly #lookups: Lookups
  readonly #queue: RefreshQueue
  readonly #overview: Overview
  /** Changed here, which the overview's counts may not show. */
  readonly #touched = new Set<string>()
  #mostDirect = mostDirect
  #direct = 0
  #isForAll = false

  constructor(options: CatalogOptions) {
    this.#options = options
    const onAnswer = () => options.line.answered()
    const refresh = (name: string, signal: AbortSignal) => this.#follow(name).look(signal)
    this.#lookups = new Lookups({ ...options, onFound: (name, answer) => this.#found(name, answer) })
    this.#queue = new RefreshQueue({ ...options, refresh })
    this.#overview = new Overview({ ...options, onAnswer, onChange: (...seen) => this.#onOverview(...seen) })
  }

  get names(): readonly string[] {
    return [...this.#followed.keys()]
  }

  async find(name: string): Promise<readonly Service[]> {
    const known = this.#followed.get(name)
    if (known !== undefined) return this.#ask(known).listing.services
    const { line, own } = this.#options
    if (!line.isDown) return this.#lookups.find(name)
    if (own.unseen(name).length === 0) throw unavailable(`cannot look up ${name}`, 'the agent does not answer')
    const followed = this.#ask(this.#follow(name))
    this.#tell(followed.listing.refresh())
    return followed.listing.services
  }

  /** Something was registered or deregistered here. */
  touch(name: string): void {
    this.#lookups.forget(name)
    const isNew = this.#isForAll && !this.#followed.has(name)
    const followed = isNew ? this.#follow(name) : this.#followed.get(name)
    if (followed === undefined) return
    if (isNew) followed.isSilent = false
    this.#tell(followed.listing.refresh())
    if (followed.isDirect) return
    this.#queue.add(name)
    this.#touched.add(name)
  }

  forget(name: string, id: string): void {
    const followed = this.#followed.get(name)
    if (followed !== undefined) this.#tell(followed.listing.forget(id))
  }

  /** Whether somebody wants to hear of every service. */
  followAll(isForAll: boolean): void {
    if (this.#isForAll === isForAll) return
    this.#isForAll = isForAll
    if (!isForAll) for (const followed of this.#followed.values()) if (!followed.isAsked) this.#drop(followed)
    this.#needOverview()
  }

  /** The agent answers. `delay` of `undefined`: as the allowance has it. */
  resume(doubt: Doubt, delay: number | undefined): void {
    this.#lookups.clear()
    this.#queue.start()
    if (doubt !== 'none') this.#askAnew(doubt, delay)
    this.#needOverview()
  }

  /** The agent does not answer. */
  pause(): void {
    this.#overview.pause()
    this.#queue.pause()
    for (const followed of this.#followed.values()) followed.pause()
  }

  close(): void {
    this.#overview.stop()
    this.#queue.pause()
    for (const followed of this.#followed.values()) followed.close()
    this.#followed.clear()
    this.#idle.clear()
    this.#keeping.clear()
  }

  #askAnew(doubt: Doubt, delay: number | undefined): void {
    this.#overview.pause()
    let turn = 0
    for (const followed of this.#followed.values()) {
      followed.resume(doubt, delay === undefined ? undefined : delay + between * turn++)
      if (!followed.isDirect) this.#queue.add(followed.name)
    }
  }

  /** Marks the service as asked for now. */
  #ask(followed: Followed): Followed {
    followed.isAsked = true
    this.#followed.delete(followed.name)
    this.#followed.set(followed.name, followed)
    this.#idle.set(followed, this.#options.timing.idle)
    return followed
  }

  #follow(name: string): Followed {
    const known = this.#followed.get(name)
    if (known !== undefined) return known
    const { own, timing } = this.#options
    const listing = new Listing(name, { keeping: this.#keeping, grace: timing.grace, own: (one) => own.unseen(one) })
    const onFound: FollowedOptions['onFound'] = (...answer) => this.#onFound(...answer)
    const onFailure: FollowedOptions['onFailure'] = (...failure) => this.#onFailure(...failure)
    const followed = new Followed(listing, { ...this.#options, onFound, onFailure })
    followed.isSilent = !this.#overview.isSettled || this.#overview.has(name)
    if (this.#followed.size >= mostFollowed) this.#dropOldest()
    this.#followed.set(name, followed)
    return followed
  }

  #found(name: string, answer: Answer): readonly Service[] {
    const followed = this.#ask(this.#follow(name))
    followed.take(answer, false)
    if (this.#followed.get(name) === followed) this.#askItself(followed, answer.index)
    return followed.listing.services
  }

  #onFound(followed: Followed, found: readonly Instance[], doubt: Doubt): void {
    const { line, own } = this.#options
    line.answered()
    own.shown(followed.name, found)
    const events = followed.listing.apply(found, doubt)
    if (!followed.isSilent) this.#tell(events)
    followed.isSilent = false
    if (followed.listing.isEmpty && !(this.#isForAll && followed.isDirect)) this.#drop(followed)
  }

  #onFailure(followed: Followed, error: unknown): void {
    this.#options.onFailure(error)
    if (!(error instanceof AgentError && error.status === tooManyConnections)) return
    this.#mostDirect = Math.max(this.#direct - 1, 1)
    this.#askNoMore(followed)
    this.#needOverview()
  }

  #onOverview(names: readonly string[], isFirst: boolean): void {
    const touched = [...this.#touched]
    this.#touched.clear()
    for (const name of [...names, ...touched]) {
      let followed = this.#followed.get(name)
      if (followed === undefined && this.#isForAll && this.#overview.has(name)) {
        followed = this.#follow(name)
        followed.isSilent = isFirst
      }
      if (followed !== undefined && !followed.isDirect) this.#queue.add(name)
    }
  }

  #askItself(followed: Followed, index: number): void {
    if (followed.isDirect) return
    if (this.#direct >= this.#mostDirect) return this.#needOverview()
    this.#direct++
    followed.direct(index)
  }

  #askNoMore(followed: Followed): void {
    if (!followed.isDirect) return
    this.#direct--
    followed.indirect()
  }

  #needOverview(): void {
    if (!this.#isForAll && this.#followed.size <= this.#direct) this.#overview.stop()
    else if (this.#options.line.isUp) this.#overview.start()
  }

  /** Nobody asked for these in a long time. What serves in an outage is kept. */
  #leave(due: readonly Followed[]): void {
    for (const followed of due) {
      if (!this.#options.line.isUp) this.#idle.set(followed, this.#options.timing.idle)
      else if (this.#isForAll) this.#askNoMore(followed)
      else this.#drop(followed)
      followed.isAsked = !this.#options.line.isUp
    }
    this.#needOverview()
  }

  #dropOldest(): void {
    for (const followed of this.#followed.values()) return this.#drop(followed)
  }

  #drop(followed: Followed): void {
    this.#askNoMore(followed)
    followed.close()
    this.#idle.delete(followed)
    this.#queue.delete(followed.name)
    this.#touched.delete(followed.name)
    this.#followed.delete(followed.name)
  }

  #tell(events: readonly RegistryEvent[]): void {
    for (const event of events) this.#options.tell(event)
  }
}
