import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { p2c } from '../../src/client/balancers/p2c.js'
import type { CallSink } from '../../src/client/call.js'
import { Client } from '../../src/client/client.js'
import type { RetryCause, ServiceSettings } from '../../src/config/settings.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import { type AnswerSink, type Exchange, type Transport, TransportError } from '../../src/transport/transport.js'
import { clientCall, serviceSettings } from './calls.js'

/** What a node does with an attempt, and after how many milliseconds. */
type Deed =
  | { readonly does: 'answer'; readonly status: number; readonly retryAfter?: string; readonly bodyTakes: number }
  | { readonly does: 'refuse' | 'reset' | 'go stale' | 'garble' }
  | { readonly does: 'hang'; readonly sent: boolean }

type Step = Deed & { readonly after: number }

interface Sent {
  readonly at: number
  readonly remaining: number
  /** Bytes of it went out. */
  readonly reached: boolean
}

/** Plays the steps in order, the last again and again, in virtual time. */
class FakeNodes implements Transport {
  readonly name = 'fake'
  readonly sent: Sent[] = []
  readonly #steps: readonly Step[]
  remaining = 0

  constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  send(_target: unknown, _request: unknown, sink: AnswerSink): Exchange {
    const step = this.#steps[Math.min(this.sent.length, this.#steps.length - 1)]
    if (step === undefined) throw new Error('no steps')
    const unsent = step.does === 'refuse' || (step.does === 'hang' && !step.sent)
    this.sent.push({ at: performance.now(), remaining: this.remaining, reached: !unsent })
    const timers = [setTimeout(() => play(step, sink, timers), step.after)]
    return {
      sent: !unsent,
      resume() {},
      abort() {
        for (const timer of timers) clearTimeout(timer)
      },
    }
  }

  async close(): Promise<void> {}
}

function play(step: Step, sink: AnswerSink, timers: NodeJS.Timeout[]): void {
  const fail = (kind: 'connect' | 'reset' | 'protocol', sent: boolean, reused: boolean) =>
    sink.onError(new TransportError(kind, kind, { sent, reused }))
  switch (step.does) {
    case 'refuse':
      return fail('connect', false, false)
    case 'reset':
      return fail('reset', true, false)
    case 'go stale':
      return fail('reset', true, true)
    case 'garble':
      return fail('protocol', true, false)
    case 'answer':
      sink.onHead(step.status, step.retryAfter === undefined ? [] : ['Retry-After', step.retryAfter], '')
      timers.push(setTimeout(() => sink.onEnd([]), step.bodyTakes))
      return
    default:
  }
}

const milliseconds = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 1500 }))
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    does: fc.constant('answer' as const),
    status: fc.constantFrom(200, 404, 408, 429, 500, 502, 503, 504),
    retryAfter: fc.constantFrom('0', '1', '2', 'soon'),
    bodyTakes: milliseconds,
  }),
  fc.record({
    does: fc.constant('answer' as const),
    status: fc.constantFrom(200, 502, 503, 504),
    bodyTakes: milliseconds,
  }),
  fc.record({ does: fc.constantFrom('refuse' as const, 'reset' as const, 'go stale' as const, 'garble' as const) }),
  fc.record({ does: fc.constant('hang' as const), sent: fc.boolean() }),
)
const steps: fc.Arbitrary<Step> = fc.tuple(deeds, milliseconds).map(([deed, after]) => ({ ...deed, after }))
const causes: readonly RetryCause[] = ['connect', 'reset', 502, 503, 504]

const settings: fc.Arbitrary<Partial<ServiceSettings>> = fc.record({
  timeout: fc.integer({ min: 1, max: 3000 }),
  attemptTimeout: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
  retries: fc.integer({ min: 0, max: 6 }),
  retryOn: fc.subarray([...causes]),
  backoff: fc.record({ base: fc.integer({ min: 0, max: 200 }), max: fc.integer({ min: 0, max: 800 }) }),
  retryBudget: fc.constantFrom({ ratio: 0.2, minPerSecond: 10 }, { ratio: 0, minPerSecond: 0 }),
  breaker: fc.constantFrom(false as const, serviceSettings().breaker),
})

const registry = memoryRegistry()
const nodeCount = 4

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
  const nodes = Array.from({ length: nodeCount }, (_, i) => ({
    id: `n${i}`,
    address: '127.0.0.1',
    port: i + 1,
    metadata: {},
  }))
  await registry.register({ name: 'a', version: '', metadata: {}, endpoints: [], nodes })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const scenario = fc.record({
  settings,
  /** The caller's own wish. */
  asked: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }),
  /** What middleware has used up. */
  used: fc.integer({ min: 0, max: 100 }),
  handler: fc.constantFrom('rpc' as const, 'proxy' as const),
  idempotent: fc.boolean(),
  nodes: fc.array(steps, { minLength: 1, maxLength: 8 }),
  chance: fc.integer({ min: 1, max: 2 ** 30 }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

test('R24, complaint 1: no attempt starts after the deadline, and no answer comes after it, whatever happens', async () => {
  await fc.assert(fc.asyncProperty(scenario, holds), { numRuns: 1500, seed: 20_180_321 })
})

async function holds(one: Scenario): Promise<void> {
  const { attemptTimeout = Number.POSITIVE_INFINITY, ...rest } = one.settings
  const limited = attemptTimeout < (rest.timeout ?? 0) ? attemptTimeout : undefined
  const whole = serviceSettings({ ...rest, attemptTimeout: limited })
  const transport = new FakeNodes(one.nodes)
  vi.spyOn(Math, 'random').mockImplementation(generator(one.chance))
  const balancer = p2c()
  const client = new Client({ registry, transport, balancer: () => balancer })
  client.start()
  await client.discovery.find('a')
  const now = performance.now()
  const timeout = Math.min(whole.timeout, one.asked ?? whole.timeout)
  const deadline = now - one.used + timeout
  const answers: number[] = []
  const call = clientCall({
    ...{ settings: whole, handler: one.handler, idempotent: one.idempotent, startedAt: now - one.used, timeout },
    wire: (_node, _attempt, remaining) => {
      transport.remaining = remaining
      return { method: 'GET', path: '/', headers: [], body: null }
    },
  })
  client.send(call, sinkOf(answers))
  try {
    await vi.advanceTimersByTimeAsync(20_000)
    expect(answers).toHaveLength(1)
    expect(answers[0]).toBeLessThanOrEqual(Math.max(now, deadline) + 1)
    check(one, whole, transport.sent, deadline)
    const entry = client.discovery.known('a')
    expect([entry?.inFlight, ...(entry?.nodes.map((node) => node.inFlight) ?? [])]).toEqual([0, 0, 0, 0, 0])
  } finally {
    await client.close()
  }
}

function check(one: Scenario, { attemptTimeout, retries }: ServiceSettings, sent: readonly Sent[], deadline: number) {
  for (const { at, remaining } of sent) {
    expect(at).toBeLessThan(deadline)
    expect(remaining).toBeLessThanOrEqual(deadline - at)
    expect(remaining).toBeLessThanOrEqual(attemptTimeout ?? deadline)
  }
  const reached = sent.filter((attempt) => attempt.reached).length
  const moves = sent.length - reached
  expect(moves).toBeLessThanOrEqual(nodeCount)
  // Opening a kept connection again comes on top, once.
  expect(reached).toBeLessThanOrEqual(one.idempotent ? 1 + retries + 1 : 1)
  if (retries === 0) expect(sent.length).toBeLessThanOrEqual(2)
}

/** Notes when there is an answer, or word that there is none. */
function sinkOf(answers: number[]): CallSink {
  const note = () => {
    answers.push(performance.now())
  }
  return { onInformation() {}, onHead: note, onData: () => true, onEnd() {}, onError: note }
}

/** mulberry32: the same chances for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
