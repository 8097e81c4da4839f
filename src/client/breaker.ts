import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { BreakerSettings } from '../config/settings.js'
import { OpenTime } from './open-time.js'

export type BreakerState = 'closed' | 'half-open' | 'open'

/** How one attempt went, told once. `retryAfter`: milliseconds that the node asks to be left alone. */
export interface AttemptOutcome {
  succeed(): void
  fail(retryAfter?: number): void
  /** The node is well but wants no more calls now: 429. */
  refuse(retryAfter?: number): void
  /** The caller left: says nothing about the node. */
  forget(): void
}

const buckets = 10

/**
 * Decides by its recent past whether a node is called. opossum keeps the window, the states and the timer; it is told
 * of an attempt when that has ended, so that what is under way counts for nothing and nobody waits for a promise.
 */
export class NodeBreaker {
  readonly #settings: BreakerSettings
  readonly #openTime: OpenTime
  readonly #onChange: (state: BreakerState, before: BreakerState) => void
  /** opossum reads `resetTimeout` from it whenever it opens. */
  readonly #options: CircuitBreaker.Options<[]>
  readonly #circuit: CircuitBreaker<[], void>
  /** Turns opossum's window, which is done when it is looked at: an idle breaker costs no timer. */
  readonly #turns = new EventEmitter()
  #turnedAt = performance.now()
  #changedAt = this.#turnedAt
  #state: BreakerState = 'closed'
  /** Counts the changes of state: an attempt of an earlier era is late, and says nothing any more. */
  #era = 0
  #failuresInARow = 0
  #probing = false
  /** When the next probe may begin, once a caller has left the one before. */
  #nextProbe = 0

  constructor(
    settings: BreakerSettings,
    onChange: (state: BreakerState, before: BreakerState) => void,
    random = Math.random,
  ) {
    this.#settings = settings
    this.#onChange = onChange
    this.#openTime = new OpenTime(settings, random)
    this.#options = {
      timeout: false,
      // opossum opens above the threshold, the configuration promises at it.
      errorThresholdPercentage: settings.errorThreshold * 100 - 1e-9,
      volumeThreshold: settings.volumeThreshold,
      rollingCountTimeout: settings.window,
      rollingCountBuckets: buckets,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: this.#turns,
    }
    this.#circuit = new CircuitBreaker(failing, this.#options)
    this.#circuit.on('open', () => this.#enter('open'))
    this.#circuit.on('halfOpen', () => this.#enter('half-open'))
    this.#circuit.on('close', () => this.#enter('closed'))
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Milliseconds that it is in this state. */
  get age(): number {
    return performance.now() - this.#changedAt
  }

  /** Closed, or half open with nobody trying yet. */
  get admits(): boolean {
    if (this.#state !== 'half-open') return this.#state === 'closed'
    return !this.#probing && (this.#nextProbe === 0 || performance.now() >= this.#nextProbe)
  }

  /** Call only while it admits. */
  begin(): AttemptOutcome {
    if (this.#state === 'half-open') {
      this.#probing = true
      this.#nextProbe = performance.now() + this.#settings.openTime
    }
    return new GuardedAttempt(this, this.#era)
  }

  settle(era: number, outcome: keyof AttemptOutcome): void {
    if (era !== this.#era) return
    if (this.#state === 'half-open') this.#probed(outcome)
    else if (outcome === 'succeed') this.#succeed()
    else if (outcome === 'fail') this.#fail()
  }

  /** Its node has left: nothing changes it any more. */
  close(): void {
    this.#era = Number.NaN
    this.#circuit.shutdown()
  }

  #succeed(): void {
    this.#failuresInARow = 0
    this.#turn(performance.now())
    // All that `fire` does for a success that can be seen: counting it.
    this.#circuit.emit('fire')
  }

  #fail(): void {
    const now = performance.now()
    this.#turn(now)
    this.#options.resetTimeout = this.#openTime.next(now - this.#changedAt)
    this.#circuit.fire().catch(ignore)
    this.#failuresInARow++
    if (this.#failuresInARow >= this.#settings.consecutiveFailures) this.#circuit.open()
  }

  /** A caller that left says nothing of the node: it may be tried again, but not by one caller after the other. */
  #probed(outcome: keyof AttemptOutcome): void {
    this.#probing = false
    if (outcome === 'forget') return
    if (outcome === 'succeed') return this.#circuit.close()
    this.#options.resetTimeout = this.#openTime.next(0)
    this.#circuit.open()
  }

  #enter(state: BreakerState): void {
    const before = this.#state
    this.#state = state
    this.#era++
    this.#probing = false
    this.#nextProbe = 0
    this.#changedAt = performance.now()
    if (state === 'open') this.#openTime.grow()
    if (state === 'closed') this.#forgive()
    this.#onChange(state, before)
  }

  /** A node that came back is not held to what it did before. */
  #forgive(): void {
    this.#failuresInARow = 0
    for (let i = 0; i < buckets; i++) this.#turns.emit('rotate')
  }

  #turn(now: number): void {
    const length = this.#settings.window / buckets
    if (now - this.#turnedAt < length) return
    const turns = Math.floor((now - this.#turnedAt) / length)
    this.#turnedAt += turns * length
    for (let i = Math.min(turns, buckets); i > 0; i--) this.#turns.emit('rotate')
  }
}

class GuardedAttempt implements AttemptOutcome {
  readonly #breaker: NodeBreaker
  readonly #era: number

  constructor(breaker: NodeBreaker, era: number) {
    this.#breaker = breaker
    this.#era = era
  }

  succeed(): void {
    this.#breaker.settle(this.#era, 'succeed')
  }

  fail(): void {
    this.#breaker.settle(this.#era, 'fail')
  }

  refuse(): void {
    this.#breaker.settle(this.#era, 'refuse')
  }

  forget(): void {
    this.#breaker.settle(this.#era, 'forget')
  }
}

/** opossum's action. What throws before there is a promise is counted at once. */
function failing(): never {
  throw failed
}

const failed = new Error('the attempt failed')

function ignore(): void {}
