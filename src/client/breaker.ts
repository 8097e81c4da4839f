import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { BreakerSettings } from '../config/settings.js'

export type BreakerState = 'closed' | 'half-open' | 'open'

const buckets = 10

/** Turns the windows of all breakers of a client with one timer. */
export class BreakerClock {
  readonly emitter = new EventEmitter().setMaxListeners(0)
  /** Milliseconds. */
  readonly window: number
  readonly #timer: NodeJS.Timeout

  constructor(window: number) {
    this.window = window
    this.#timer = setInterval(() => this.emitter.emit('rotate'), window / buckets).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.emitter.removeAllListeners()
  }
}

/** How one attempt went, told to the breaker once. */
export interface AttemptOutcome {
  succeed(): void
  fail(): void
  /** The caller left: says nothing about the node. */
  forget(): void
}

/** Decides by its recent past whether a node is called. opossum with what costs or lies switched off. */
export class NodeBreaker {
  readonly #circuit: CircuitBreaker<[Pending], void>
  #state: BreakerState = 'closed'

  /** `onChange` hears every change between closed and not closed. */
  constructor(settings: BreakerSettings, clock: BreakerClock, onChange: (impaired: boolean) => void) {
    this.#circuit = new CircuitBreaker(settled, {
      timeout: false,
      // opossum opens above the threshold, the configuration promises at it.
      errorThresholdPercentage: settings.errorThreshold * 100 - 1e-9,
      volumeThreshold: settings.volumeThreshold,
      rollingCountTimeout: settings.window,
      rollingCountBuckets: buckets,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      resetTimeout: settings.openTime,
      rotateBucketController: clock.emitter,
      errorFilter: isForgotten,
    })
    this.#circuit.on('open', () => this.#enter('open', onChange))
    this.#circuit.on('halfOpen', () => this.#enter('half-open', onChange))
    this.#circuit.on('close', () => this.#enter('closed', onChange))
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Closed, or half open with nobody trying yet. */
  get admits(): boolean {
    return this.#state === 'closed' || (this.#state === 'half-open' && this.#circuit.pendingClose)
  }

  /** Call only while it admits. */
  begin(): AttemptOutcome {
    const pending = new Pending(this.#state === 'half-open')
    // A circuit that was shut down does not look at the attempt: its promise needs a listener of its own.
    pending.promise.catch(ignore)
    this.#circuit.fire(pending).catch(ignore)
    return pending
  }

  close(): void {
    this.#circuit.shutdown()
    this.#circuit.removeAllListeners()
  }

  #enter(state: BreakerState, onChange: (impaired: boolean) => void): void {
    const was = this.#state
    this.#state = state
    if ((was === 'closed') !== (state === 'closed')) onChange(state !== 'closed')
  }
}

const failed = new Error('the attempt failed')
const forgotten = new Error('the caller left')

class Pending implements AttemptOutcome {
  readonly promise: Promise<void>
  readonly #probe: boolean
  #resolve: () => void = ignore
  #reject: (error: Error) => void = ignore

  constructor(probe: boolean) {
    this.#probe = probe
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  succeed(): void {
    this.#resolve()
  }

  fail(): void {
    this.#reject(failed)
  }

  /** opossum counts what its filter hides as a success, which would close a half-open circuit on no evidence. */
  forget(): void {
    this.#reject(this.#probe ? failed : forgotten)
  }
}

function settled(pending: Pending): Promise<void> {
  return pending.promise
}

function isForgotten(error: Error): boolean {
  return error === forgotten
}

function ignore(): void {}
