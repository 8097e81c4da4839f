import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { wordsOf } from '../../errors.js'
import type { NameResolver } from './name-resolver.js'
import { isServiceRecord } from './service-list.js'

/** One place that a name leads to. */
export interface Target {
  readonly address: string
  /** Told by SRV records alone. */
  readonly port?: number
  readonly weight?: number
}

export interface NamesOptions {
  readonly resolver: NameResolver
  /** Milliseconds between two looks at a name. */
  readonly interval: number
  /** A name leads elsewhere than before. */
  onChange(): void
  /** A name does not resolve, or does again; once for each turn. */
  onTrouble(name: string, trouble: string | undefined): void
}

/** A look-up of the system's takes one of the few threads that files need too. */
const mostAtOnce = 2
const mostTargets = 1000
const mostHosts = 64

interface Name {
  targets: readonly Target[] | undefined
  trouble: string | undefined
  /** Since when there is no answer. */
  silentSince: number | undefined
}

/** The names among the addresses: looked up in the background, again and again. The last good answer counts. */
export class Names {
  readonly #options: NamesOptions
  readonly #names = new Map<string, Name>()
  readonly #queue = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: NamesOptions) {
    this.#options = options
  }

  /** The names there are from now on. New ones are looked up at once. */
  want(names: ReadonlySet<string>): void {
    for (const name of this.#names.keys()) if (!names.has(name)) this.#names.delete(name)
    for (const name of names) {
      if (this.#names.has(name)) continue
      this.#names.set(name, { targets: undefined, trouble: undefined, silentSince: undefined })
      this.#queue.add(name)
    }
    this.#work()
    if (names.size > 0) this.#timer ??= setInterval(() => this.#again(), this.#options.interval).unref()
    else this.#stop()
  }

  /** Empty while it is not known where the name leads. */
  targets(name: string): readonly Target[] {
    return this.#names.get(name)?.targets ?? []
  }

  /** Since when the last good answer of some name counts for want of another. */
  get staleSince(): number | undefined {
    const times = [...this.#names.values()].flatMap(({ silentSince }) => silentSince ?? [])
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Ends when every name has had its first look-up, or the time is over. */
  async settled(limit: number): Promise<void> {
    const end = performance.now() + limit
    while (this.#queue.size + this.#running.size > 0 && performance.now() < end) {
      const timeLeft = wait(end - performance.now(), undefined, { ref: false })
      await Promise.race([timeLeft, ...this.#running.values()])
    }
  }

  close(): void {
    this.#stop()
    this.#names.clear()
    this.#queue.clear()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #again(): void {
    for (const name of this.#names.keys()) this.#queue.add(name)
    this.#work()
  }

  /** A name that hangs is not asked for a second time, and does not hold up more than its own place. */
  #work(): void {
    for (const name of this.#queue) {
      if (this.#running.size >= mostAtOnce) return
      this.#queue.delete(name)
      if (this.#running.has(name) || !this.#names.has(name)) continue
      const running = this.#lookUp(name).finally(() => {
        this.#running.delete(name)
        this.#work()
      })
      this.#running.set(name, running)
    }
  }

  async #lookUp(name: string): Promise<void> {
    try {
      this.#learn(name, await targetsOf(name, this.#options.resolver))
    } catch (error) {
      const known = this.#names.get(name)
      if (known !== undefined) known.silentSince ??= performance.now()
      this.#judge(name, wordsOf(error))
    }
  }

  #learn(name: string, targets: readonly Target[]): void {
    const known = this.#names.get(name)
    if (known === undefined) return
    const isNew = !isDeepStrictEqual(known.targets ?? [], targets)
    known.targets = targets
    known.silentSince = undefined
    this.#judge(name, targets.length === 0 ? 'it has no records' : undefined)
    if (isNew) this.#options.onChange()
  }

  #judge(name: string, trouble: string | undefined): void {
    const known = this.#names.get(name)
    if (known === undefined || known.trouble === trouble) return
    known.trouble = trouble
    this.#options.onTrouble(name, trouble)
  }
}

/** Sorted, so that DNS's turning of its answers is no change. */
async function targetsOf(name: string, resolver: NameResolver): Promise<readonly Target[]> {
  if (!isServiceRecord({ address: name })) {
    return sorted((await resolver.addresses(name)).map((address) => ({ address })))
  }
  const records = await resolver.services(name)
  const first = Math.min(...records.map(({ priority }) => priority))
  const hosts = records.filter(({ priority, name: host }) => priority === first && host !== '').slice(0, mostHosts)
  const found = await Promise.all(
    hosts.map(async ({ name: host, port, weight }) =>
      (await resolver.addresses(host)).map((address) => ({ address, port, weight })),
    ),
  )
  return sorted(found.flat())
}

function sorted(targets: readonly Target[]): readonly Target[] {
  const distinct = new Map(targets.map((target) => [`${target.address} ${target.port}`, target]))
  return [...distinct]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, target]) => target)
    .slice(0, mostTargets)
}
