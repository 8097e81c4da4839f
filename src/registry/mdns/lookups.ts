import { Allowance } from './allowance.js'

/** Milliseconds: a query's time, when it is sent again in it, and what the others have once one has answered. */
const queryTime = 100
const secondTry = 50
const othersTime = 20
/** Milliseconds for which it is remembered that nobody answered. */
const missTime = 1000
const mostMisses = 10_000
/** Names that a caller can make up go out to the whole network: not without end. */
const questionsPerSecond = 100
const questionsInTurn = 20
const mostLater = 10_000

interface Lookup {
  readonly promise: Promise<void>
  /** An answer is here: others may follow shortly. */
  answered(): void
}

/** The questions on their way: one for all who ask the same, and none for what nobody knew a moment ago. */
export class Lookups {
  readonly #send: (service: string) => void
  readonly #running = new Map<string, Lookup>()
  readonly #misses = new Map<string, number>()
  readonly #allowance = new Allowance(questionsPerSecond)
  readonly #later = new Set<string>()
  #turn: NodeJS.Timeout | undefined
  #closed = false

  constructor(send: (service: string) => void) {
    this.#send = send
  }

  /** Ends when the service was heard of, or nobody answered in time. */
  find(service: string): Promise<void> {
    const running = this.#running.get(service)
    if (running !== undefined) return running.promise
    if (this.#closed || this.#isMissing(service) || !this.#allowance.take()) return Promise.resolve()
    const lookup = this.#lookUp(service)
    this.#running.set(service, lookup)
    return lookup.promise
  }

  heard(service: string): void {
    this.#misses.delete(service)
    this.#running.get(service)?.answered()
  }

  /** Asks without anybody waiting, when its turn comes: a network full of sidecars does not ask all at once. */
  askLater(service: string): void {
    if (this.#closed || this.#later.size >= mostLater) return
    this.#later.add(service)
    this.#turn ??= setTimeout(() => this.#takeTurn(), (1000 / questionsInTurn) * (0.5 + Math.random())).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#turn)
    this.#later.clear()
    for (const lookup of this.#running.values()) lookup.answered()
  }

  #takeTurn(): void {
    this.#turn = undefined
    const [next] = this.#later
    if (next === undefined) return
    this.#later.delete(next)
    this.#send(next)
    if (this.#later.size > 0) this.askLater(next)
  }

  #lookUp(service: string): Lookup {
    const { promise, resolve } = deferred()
    let isAnswered = false
    const end = () => {
      this.#running.delete(service)
      if (!isAnswered) this.#miss(service)
      resolve()
    }
    // Answers that lie in the socket are read before time is called.
    let timer = setTimeout(() => setImmediate(end), queryTime)
    const again = setTimeout(() => this.#send(service), secondTry)
    promise.then(() => clearTimeout(again))
    this.#send(service)
    const answered = () => {
      if (isAnswered) return
      isAnswered = true
      clearTimeout(again)
      clearTimeout(timer)
      timer = setTimeout(end, this.#closed ? 0 : othersTime)
    }
    return { promise, answered }
  }

  #isMissing(service: string): boolean {
    return (this.#misses.get(service) ?? 0) > performance.now()
  }

  #miss(service: string): void {
    this.#misses.delete(service)
    this.#misses.set(service, performance.now() + missTime)
    const [oldest] = this.#misses.keys()
    if (this.#misses.size > mostMisses && oldest !== undefined) this.#misses.delete(oldest)
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
