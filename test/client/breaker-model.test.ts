import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type AttemptOutcome, type BreakerState, NodeBreaker } from '../../src/client/breaker.js'
import type { BreakerSettings } from '../../src/config/settings.js'

// The breaker against a second one that is written down as the documentation tells it, with none of opossum in it.

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

interface Counted {
  readonly slot: number
  readonly failed: boolean
}

class Model {
  state: BreakerState = 'closed'
  now = 0
  era = 0
  /** The eras in which the attempts that have not ended began. */
  readonly pending: number[] = []
  #counted: Counted[] = []
  #inARow = 0
  #closedAt = 0
  #doublings = 0
  #openUntil = 0
  #probing = false
  #nextProbe = 0
  readonly #settings: BreakerSettings
  readonly #chance: number

  constructor(settings: BreakerSettings, chance: number) {
    this.#settings = settings
    this.#chance = chance
  }

  get admits(): boolean {
    if (this.state === 'half-open') return !this.#probing && this.now >= this.#nextProbe
    return this.state === 'closed'
  }

  begin(): void {
    if (this.state === 'half-open') {
      this.#probing = true
      this.#nextProbe = this.now + this.#settings.openTime
    }
    this.pending.push(this.era)
  }

  end(index: number, outcome: keyof AttemptOutcome): void {
    const [era] = this.pending.splice(index, 1)
    if (era !== this.era) return
    if (this.state === 'half-open') this.#endProbe(outcome)
    else if (outcome === 'succeed') {
      this.#inARow = 0
      this.#count(false)
    } else if (outcome === 'fail') {
      this.#inARow++
      this.#count(true)
      if (this.#isTooMuch()) this.#open()
    }
  }

  pass(milliseconds: number): void {
    this.now += milliseconds
    if (this.state === 'open' && this.now >= this.#openUntil) this.#enter('half-open')
  }

  #endProbe(outcome: keyof AttemptOutcome): void {
    this.#probing = false
    if (outcome === 'fail' || outcome === 'refuse') this.#open()
    if (outcome === 'succeed') {
      this.#enter('closed')
      this.#closedAt = this.now
      this.#counted = []
      this.#inARow = 0
    }
  }

  #count(failed: boolean): void {
    this.#counted.push({ slot: this.#slot, failed })
  }

  get #slot(): number {
    return Math.floor((this.now * 10) / this.#settings.window)
  }

  #isTooMuch(): boolean {
    const recent = this.#counted.filter(({ slot }) => slot > this.#slot - 10)
    const failures = recent.filter(({ failed }) => failed).length
    const { consecutiveFailures, errorThreshold, volumeThreshold } = this.#settings
    const isMuch = recent.length >= volumeThreshold && failures / recent.length >= errorThreshold
    return isMuch || this.#inARow >= consecutiveFailures
  }

  #open(): void {
    const { openTime, maxOpenTime, window } = this.#settings
    if (this.state === 'closed' && this.now - this.#closedAt >= window) this.#doublings = 0
    const time = Math.min(maxOpenTime, openTime * 2 ** this.#doublings * (1 + this.#chance / 2))
    this.#doublings++
    this.#openUntil = this.now + time
    this.#enter('open')
  }

  #enter(state: BreakerState): void {
    this.state = state
    this.era++
    this.#probing = false
    this.#nextProbe = 0
  }
}

interface Real {
  readonly breaker: NodeBreaker
  readonly pending: AttemptOutcome[]
}

abstract class Command implements fc.Command<Model, Real> {
  abstract check(model: Readonly<Model>): boolean
  abstract both(model: Model, real: Real): void
  abstract toString(): string

  run(model: Model, real: Real): void {
    this.both(model, real)
    expect([real.breaker.state, real.breaker.admits]).toEqual([model.state, model.admits])
  }
}

class Begin extends Command {
  check = (model: Model) => model.admits
  toString = () => 'begin'
  both(model: Model, real: Real): void {
    model.begin()
    real.pending.push(real.breaker.begin())
  }
}

class End extends Command {
  constructor(
    readonly which: number,
    readonly outcome: keyof AttemptOutcome,
  ) {
    super()
  }
  check = (model: Model) => model.pending.length > 0
  toString = () => `${this.outcome} ${this.which}`
  both(model: Model, real: Real): void {
    const index = this.which % model.pending.length
    model.end(index, this.outcome)
    real.pending.splice(index, 1)[0]?.[this.outcome]()
  }
}

class Pass extends Command {
  constructor(readonly milliseconds: number) {
    super()
  }
  check = () => true
  toString = () => `pass ${this.milliseconds}`
  both(model: Model): void {
    model.pass(this.milliseconds)
    vi.advanceTimersByTime(this.milliseconds)
  }
}

const outcome = fc.oneof(
  { weight: 5, arbitrary: fc.constant('fail' as const) },
  { weight: 3, arbitrary: fc.constant('succeed' as const) },
  { weight: 1, arbitrary: fc.constantFrom('refuse' as const, 'forget' as const) },
)
const commands = fc.commands(
  [
    fc.constant(new Begin()),
    fc.constant(new Begin()),
    fc.tuple(fc.nat(30), outcome).map(([which, end]) => new End(which, end)),
    fc.tuple(fc.nat(30), outcome).map(([which, end]) => new End(which, end)),
    fc.constantFrom(1, 99, 100, 101, 400, 1000, 1500, 4000).map((milliseconds) => new Pass(milliseconds)),
  ],
  { maxCommands: 200, size: 'max' },
)
const configured = fc.record({
  errorThreshold: fc.constantFrom(0.1, 0.3, 0.5, 1),
  volumeThreshold: fc.constantFrom(1, 4, 10),
  window: fc.constantFrom(1000, 10_000),
  consecutiveFailures: fc.constantFrom(2, 5, 100),
  openTime: fc.constant(1000),
  maxOpenTime: fc.constantFrom(1000, 5000, 60_000),
})

test('R16: complaint 17: whatever ends in whatever order, it is in the state that it should be in', () => {
  const seen = new Map<BreakerState, number>()
  const property = fc.property(configured, fc.constantFrom(0, 0.5, 1), commands, (settings, chance, list) => {
    const onChange = (state: BreakerState) => seen.set(state, (seen.get(state) ?? 0) + 1)
    const breaker = new NodeBreaker(settings, onChange, () => chance)
    try {
      fc.modelRun(() => ({ model: new Model(settings, chance), real: { breaker, pending: [] } }), list)
    } finally {
      breaker.close()
      vi.clearAllTimers()
    }
  })
  fc.assert(property, { numRuns: 300, seed: 16 })
  // The runs reach what they are about.
  for (const state of ['open', 'half-open', 'closed'] as const) expect(seen.get(state)).toBeGreaterThan(150)
})
