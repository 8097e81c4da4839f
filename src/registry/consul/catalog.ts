import type { RegistryEvent, Service } from '../registry.js'
import { isCrowded } from './agent-error.js'
import type { Answer } from './agent-reader.js'
import type { CatalogOptions } from './catalog-options.js'
import { Followed, type FollowedOptions } from './followed.js'
import { Following } from './following.js'
import type { Instance } from './instances.js'
import { type Doubt, keeping, Listing } from './listing.js'
import { Lookups, unavailable } from './lookups.js'
import { Overview } from './overview.js'
import { RefreshQueue } from './refresh-queue.js'

/** Milliseconds between the questions of two services after an outage. */
const between = 4

/** Every service that is followed, however it is, and the look-ups of those that are not yet. */
export class Catalog {
  readonly #options: CatalogOptions
  readonly #following: Following
  readonly #keeping = keeping((_listing, events) => this.#tell(events))
  readonly #lookups: Lookups
  readonly #queue: RefreshQueue
  readonly #overview: Overview
  #isForAll = false

  constructor(options: CatalogOptions) {
    this.#options = options
    this.#following = new Following({ idle: options.timing.idle, onIdle: (idle) => this.#leave(idle) })
    const onAnswer = () => options.line.answered()
    const refresh = (name: string, signal: AbortSignal) => this.#follow(name).look(signal)
    this.#lookups = new Lookups({ ...options, onFound: (name, answer) => this.#found(name, answer) })
    this.#queue = new RefreshQueue({ ...options, refresh })
    this.#overview = new Overview({ ...options, onAnswer, onChange: (...seen) => this.#onOverview(...seen) })
  }

  get names(): readonly string[] {
    return this.#following.names
  }

  async find(name: string): Promise<readonly Service[]> {
    const { line, own } = this.#options
    const known = this.#following.get(name)
    if (known !== undefined) {
      this.#following.ask(known)
      if (line.isUp) this.#following.askItself(known, 0)
      return known.listing.services
    }
    if (!line.isDown) return this.#lookups.find(name)
    if (own.unseen(name).length === 0) throw unavailable(`cannot look up ${name}`, 'the agent does not answer')
    const followed = this.#following.ask(this.#follow(name))
    this.#tell(followed.listing.refresh())
    return followed.listing.services
  }

  /** Something was registered or deregistered here. */
  touch(name: string): void {
    this.#lookups.forget(name)
    const known = this.#following.get(name)
    const isNew = known === undefined && this.#isForAll
    const followed = isNew ? this.#follow(name) : known
    if (followed === undefined) return
    if (isNew) followed.isSilent = false
    this.#tell(followed.listing.refresh())
    if (followed.isDirect) return
    this.#queue.add(name)
    this.#overview.expect(name)
  }

  forget(name: string, id: string): void {
    const followed = this.#following.get(name)
    if (followed !== undefined) this.#tell(followed.listing.forget(id))
  }

  /** Whether somebody wants to hear of every service. */
  followAll(isForAll: boolean): void {
    if (this.#isForAll === isForAll) return
    this.#isForAll = isForAll
    if (!isForAll) for (const followed of this.#following.all) if (!followed.isAsked) this.#drop(followed)
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
    for (const followed of this.#following.all) followed.pause()
  }

  close(): void {
    this.#overview.stop()
    this.#queue.pause()
    this.#following.close()
    this.#keeping.clear()
  }

  #askAnew(doubt: Doubt, delay: number | undefined): void {
    this.#overview.pause()
    let turn = 0
    for (const followed of this.#following.all) {
      if (followed.isAsked) this.#following.askItself(followed, 0)
      followed.resume(doubt, delay === undefined ? undefined : delay + between * turn++)
      if (!followed.isDirect) this.#queue.add(followed.name)
    }
  }

  #follow(name: string): Followed {
    return this.#following.get(name) ?? this.#added(name)
  }

  #added(name: string): Followed {
    const { own, timing } = this.#options
    const listing = new Listing(name, { keeping: this.#keeping, grace: timing.grace, own: (one) => own.unseen(one) })
    const onFound: FollowedOptions['onFound'] = (...answer) => this.#onFound(...answer)
    const onFailure: FollowedOptions['onFailure'] = (...failure) => this.#onFailure(...failure)
    const followed = new Followed(listing, { ...this.#options, onFound, onFailure })
    followed.isSilent = !this.#overview.isSettled || this.#overview.has(name)
    this.#following.add(followed)
    return followed
  }

  #found(name: string, answer: Answer): readonly Service[] {
    const followed = this.#following.ask(this.#follow(name))
    followed.take(answer, false)
    if (this.#following.has(followed)) this.#following.askItself(followed, answer.index)
    this.#needOverview()
    return followed.listing.services
  }

  #onFound(followed: Followed, found: readonly Instance[], doubt: Doubt): void {
    const { line, own } = this.#options
    if (!this.#following.has(followed)) return
    line.answered()
    own.shown(followed.name, found)
    const events = followed.listing.apply(found, doubt)
    if (!followed.isSilent) this.#tell(events)
    followed.isSilent = false
    if (followed.listing.isEmpty && !(this.#isForAll && followed.isDirect)) this.#drop(followed)
  }

  #onFailure(followed: Followed, error: unknown): void {
    this.#options.onFailure(error)
    if (!isCrowded(error)) return
    this.#following.askLess(followed)
    this.#needOverview()
  }

  #onOverview(names: readonly string[], isFirst: boolean): void {
    for (const name of names) {
      let followed = this.#following.get(name)
      if (followed === undefined && this.#isForAll && this.#overview.has(name)) {
        followed = this.#follow(name)
        followed.isSilent = isFirst
      }
      if (followed !== undefined && !followed.isDirect) this.#queue.add(name)
    }
  }

  #needOverview(): void {
    if (!this.#isForAll && !this.#following.needsHints) this.#overview.stop()
    else if (this.#options.line.isUp) this.#overview.start()
  }

  /** Nobody asked for these in a long time. What serves in an outage is kept. */
  #leave(due: readonly Followed[]): void {
    for (const followed of due) {
      if (!this.#options.line.isUp) this.#following.ask(followed)
      else if (this.#isForAll) this.#following.askNoMore(followed)
      else this.#drop(followed)
      followed.isAsked = !this.#options.line.isUp
    }
    this.#needOverview()
  }

  #drop(followed: Followed): void {
    this.#following.drop(followed)
    this.#queue.delete(followed.name)
  }

  #tell(events: readonly RegistryEvent[]): void {
    for (const event of events) this.#options.tell(event)
  }
}
