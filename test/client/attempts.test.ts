import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { serviceSettings } from './calls.js'
import { addNode, answer, client, clientOn, failing, run, type Script, settings, status } from './scripted-client.js'

const hanging: Script = () => {}
const refused = failing('connect', false)
const entry = () => client.discovery.known('a')

describe('a node that was not reached', () => {
  test('R2: does not count: the call moves on to each other one, once', async () => {
    await addNode(3)
    await addNode(4)
    const transport = clientOn(refused, refused, refused, answer)
    expect(await run({ idempotent: false })).toMatchObject({ status: 200, attempts: 4 })
    expect(new Set(transport.ports)).toEqual(new Set([1, 2, 3, 4]))
  })

  test('is not tried again, even where it is all there is', async () => {
    const transport = clientOn(refused)
    const { error, attempts, reached } = await run({ settings: { ...settings, retries: 5 } })
    expect([attempts, reached, new Set(transport.ports)]).toEqual([2, false, new Set([1, 2])])
    expect(error).toMatchObject({ code: 502, reason: 'connect', retryable: true })
  })

  test('costs nothing of the budget', async () => {
    clientOn(refused, answer)
    const retryBudget = { ratio: 0, minPerSecond: 0 }
    expect(await run({ settings: { ...settings, retryBudget } })).toMatchObject({ status: 200, attempts: 2 })
  })

  test('costs nothing of what a retry may do after it', async () => {
    await addNode(3)
    clientOn(refused, status(503), answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 3, reached: true })
  })
})

describe('an answer that is to be retried', () => {
  test.each([502, 503, 504])('%i: another node answers', async (code) => {
    const transport = clientOn(status(code), answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 2 })
    expect(new Set(transport.ports)).toEqual(new Set([1, 2]))
  })

  test.each([400, 401, 404, 408, 425, 429, 500])('complaint 1: %i is none', async (code) => {
    clientOn(status(code), answer)
    expect(await run()).toMatchObject({ status: code, attempts: 1 })
  })

  test('passes as it is when the retries are used up', async () => {
    clientOn(status(502), status(503), answer)
    expect(await run()).toMatchObject({ status: 503, attempts: 2 })
  })

  test('passes as it is when the budget is', async () => {
    clientOn(status(503), answer)
    const retryBudget = { ratio: 0, minPerSecond: 0 }
    expect(await run({ settings: { ...settings, retryBudget } })).toMatchObject({ status: 503, attempts: 1 })
  })

  test('gives way to the failure of the attempt that followed', async () => {
    clientOn(status(503), refused)
    const { error, attempts } = await run()
    expect([attempts, error?.reason, error?.retryable]).toEqual([2, 'connect', false])
  })

  test('goes to the same node where there is no other', async () => {
    const transport = clientOn(status(503), status(503), answer)
    const only = { nodeFilter: (node: { id: string }) => node.id === 'n1' }
    expect(await run({ ...only, settings: { ...settings, retries: 2 } })).toMatchObject({ status: 200, attempts: 3 })
    expect(transport.ports).toEqual([1, 1, 1])
  })

  test('goes to a node that answered rather than to one that was not reached', async () => {
    const transport = clientOn(refused, status(503), status(503), answer)
    expect(await run({ settings: { ...settings, retries: 2 } })).toMatchObject({ status: 200, attempts: 4 })
    expect(new Set(transport.ports.slice(1)).size).toBe(1)
  })

  test('its rest is taken in, and the connection given up when there is too much of it', async () => {
    const large: Script = (sink) => {
      sink.onHead(503, [], '')
      sink.onData(Buffer.alloc(60_000))
      expect(transport.aborted).toBe(0)
      sink.onData(Buffer.alloc(60_000))
    }
    const transport = clientOn(large, answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 2 })
    expect(transport.aborted).toBe(1)
    expect(entry()?.nodes.map((node) => node.inFlight)).toEqual([0, 0])
  })

  test('a rest that is not here in time is not waited for, nor one that breaks off', async () => {
    const transport = clientOn((sink) => sink.onHead(503, [], ''), answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 2 })
    expect(transport.aborted).toBe(1)
    clientOn((sink) => {
      sink.onHead(503, [], '')
      failing('reset', true)(sink, { address: '', port: 1 })
    }, answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 2 })
  })

  test('R8: a caller that leaves during the wait is not called for', async () => {
    const transport = clientOn(status(503), answer)
    const slow = { ...settings, backoff: { base: 10_000, max: 10_000 } }
    void run({ settings: slow, timeout: 60_000 }, (handle) => setTimeout(() => handle.abort(), 20))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([transport.ports.length, entry()?.inFlight]).toEqual([1, 0])
  })
})

describe('Retry-After', () => {
  const asking = (code: number, value: string) => status(code, ['Retry-After', value])

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([408, 425, 429, 503])(
    'complaint 1: on a %i is waited for, and half as long again at most',
    async (code) => {
      const transport = clientOn(asking(code, '2'), answer)
      const done = run({ timeout: 5000 })
      await vi.advanceTimersByTimeAsync(1999)
      expect(transport.ports).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1002)
      expect(transport.ports).toHaveLength(2)
      expect(await done).toMatchObject({ status: 200, attempts: 2 })
    },
  )

  test('may be a date', async () => {
    const transport = clientOn(asking(503, new Date(Date.now() + 3000).toUTCString()), answer)
    void run({ timeout: 9000 })
    await vi.advanceTimersByTimeAsync(1900)
    expect(transport.ports).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(3000)
    expect(transport.ports).toHaveLength(2)
  })

  test('that is longer than what is left lets the answer pass at once', async () => {
    clientOn(asking(429, '2'), answer)
    const done = run({ timeout: 1900 })
    await vi.advanceTimersByTimeAsync(0)
    expect(await done).toMatchObject({ status: 429, attempts: 1 })
  })
})

describe('attemptTimeout', () => {
  const timed = { ...settings, attemptTimeout: 20 }

  test('R3: another node answers', async () => {
    const transport = clientOn(hanging, answer)
    expect(await run({ settings: timed })).toMatchObject({ status: 200, attempts: 2 })
    expect(transport.aborted).toBe(1)
    expect(new Set(transport.ports).size).toBe(2)
  })

  test('R6: what must not run twice ends with it', async () => {
    const transport = clientOn(hanging, answer)
    const { error, attempts } = await run({ settings: timed, idempotent: false })
    expect(error).toMatchObject({ code: 504, reason: 'timeout', retryable: false })
    expect(error?.detail).toMatch(/no answer within 20 ms \(node/)
    expect([attempts, transport.aborted]).toEqual([1, 1])
    clientOn(hanging)
    expect((await run({ settings: timed, idempotent: false, handler: 'rpc' })).error).toMatchObject({ code: 408 })
  })

  test('counts as a 504', async () => {
    clientOn(hanging, answer)
    expect((await run({ settings: { ...timed, retryOn: ['connect', 'reset', 503] } })).attempts).toBe(1)
  })

  test('an attempt of which nothing was sent moves on, whatever the method', async () => {
    const transport = clientOn(hanging, answer)
    transport.sends = false
    expect(await run({ settings: timed, idempotent: false })).toMatchObject({ status: 200, attempts: 2 })
  })

  test('is held against the node', async () => {
    clientOn(hanging)
    const only = { nodeFilter: (node: { id: string }) => node.id === 'n1' }
    const settings = serviceSettings({ ...timed, retries: 0, attemptTimeout: 2 })
    for (let i = 0; i < 10; i++) await run({ ...only, settings })
    expect(entry()?.nodes.map((node) => node.breaker?.state)).toEqual(['open', undefined])
  })
})

describe('the deadline', () => {
  test('says that nothing was sent, where nothing was', async () => {
    const transport = clientOn(hanging)
    expect((await run({ timeout: 20 })).error).toMatchObject({ reason: 'timeout', retryable: false })
    transport.sends = false
    expect((await run({ timeout: 20 })).error).toMatchObject({ reason: 'timeout', retryable: true })
  })

  test('that is here already lets no attempt start', async () => {
    const transport = clientOn(answer)
    const { error } = await run({ timeout: 0 })
    expect(error).toMatchObject({ code: 504, reason: 'timeout', retryable: true })
    expect(error?.detail).toContain('no node was tried, 0 attempts')
    expect(transport.ports).toEqual([])
  })
})

describe('maxInFlight', () => {
  const narrow = { ...settings, maxInFlight: 2 }

  test('R17: one more is refused at once, and the place of one that ended is free', async () => {
    const open: (() => void)[] = []
    clientOn((sink) => {
      sink.onHead(200, [], '')
      open.push(() => sink.onEnd([]))
    })
    const running = [run({ settings: narrow }), run({ settings: narrow })]
    const { error, attempts } = await run({ settings: narrow })
    expect(error).toMatchObject({ code: 503, reason: 'overload', retryAfter: 1, retryable: true })
    expect(error?.detail).toBe('GET /a on a: 2 calls of it are in flight (client.maxInFlight)')
    expect(attempts).toBe(0)
    for (const end of open) end()
    await Promise.all(running)
    expect(entry()?.inFlight).toBe(0)
    const next = run({ settings: narrow })
    await new Promise(setImmediate)
    open.at(-1)?.()
    expect(await next).toMatchObject({ status: 200 })
  })

  test('a call of one node by its address counts among the others of its service', async () => {
    clientOn(hanging)
    await client.discovery.find('a')
    const node = entry()?.nodes[0]
    void run({ settings: narrow, timeout: 100 })
    void run({ settings: narrow, timeout: 100, node })
    expect((await run({ settings: narrow, node })).error).toMatchObject({ reason: 'overload' })
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(entry()?.inFlight).toBe(0)
  })
})

test('R5: while every answer is a failure, a service sees a budget of retries and no more', async () => {
  const transport = clientOn(status(503))
  const calls = 400
  for (let i = 0; i < calls; i++) await run({ settings: { ...settings, retries: 3, breaker: false } })
  expect(transport.ports.length).toBeLessThanOrEqual(1.2 * calls + 30 + 1)
  expect(transport.ports.length).toBeGreaterThan(1.2 * calls)
})
