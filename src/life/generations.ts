import { wordsOf } from '../errors.js'
import type { Traffic } from '../traffic.js'
import { TooLate, within } from '../within.js'
import type { SidecarParts } from './sidecar-parts.js'

/** Of the time for an end: connections want some as well, and are worth more than a plugin that hangs. */
const pluginShare = 0.8

/** What is in force, and what was before and has calls that have not ended. */
export class Generations {
  #parts: SidecarParts
  #traffic: Traffic | undefined
  /** Those in force among them. */
  readonly #alive: Set<SidecarParts>
  /** Of before, where a WebSocket may still be open. */
  #past: readonly Traffic[] = []

  constructor(first: SidecarParts) {
    this.#parts = first
    this.#alive = new Set([first])
  }

  get parts(): SidecarParts {
    return this.#parts
  }

  /** `undefined` before the first. */
  get traffic(): Traffic | undefined {
    return this.#traffic
  }

  /** These are in force now. What they do not go on with ends after the last call of those before, and `behind` that. */
  enter(parts: SidecarParts, traffic: Traffic, behind: Promise<void> = Promise.resolve()): void {
    const [before, passing] = [this.#parts, this.#traffic]
    this.#parts = parts
    this.#traffic = traffic
    this.#alive.add(parts)
    if (passing === undefined || before === parts) return
    this.#past = [...this.#past, passing].filter((one) => one.hasUpgrades() || one.inFlight.count > 0)
    if (before.client.registry !== parts.client.registry) for (const one of this.#past) one.closeWatches()
    if (before.broker !== parts.broker) for (const one of this.#past) one.closeSubscriptions()
    const last = Promise.allSettled([passing.inFlight.idle(), behind])
    void last.then(() => this.end(before, before.settings.drain.hard))
  }

  closeUpgrades(): void {
    for (const traffic of this.#past) traffic.closeUpgrades()
    this.#traffic?.closeUpgrades()
  }

  /** Ends all of them, within `limit` ms. Resolves to whether nothing had to be given up. */
  async endAll(limit: number): Promise<boolean> {
    const until = performance.now() + limit
    let clean = true
    for (const parts of [...this.#alive]) clean = (await this.end(parts, until - performance.now())) && clean
    return clean
  }

  /** Also what never came into force. What others have as well goes on. */
  async end(parts: SidecarParts, limit: number): Promise<boolean> {
    const { broker, client, host, log } = parts
    this.#alive.delete(parts)
    const shared = new Set<object>(
      [...this.#alive].flatMap((other) => [...other.host.plugins, ...other.client.parts, other.broker]),
    )
    const isShared = (part: object) => shared.has(part)
    const until = performance.now() + limit
    const failures = [...(await host.stop(limit * pluginShare, isShared))]
    try {
      await within(until - performance.now(), client.close(isShared))
      if (!isShared(broker)) await within(until - performance.now(), broker.close())
      if (!isShared(client.registry)) await within(until - performance.now(), client.registry.close())
    } catch (cause) {
      failures.push(new Error(`what the calls needed did not close: ${wordsOf(cause)}`, { cause }))
    }
    for (const failure of failures) log.error(failure.message)
    return !failures.some(({ cause }) => cause instanceof TooLate)
  }
}
