import { describe, expect, test } from 'vitest'
import { answer, client, clientOn, failing, run, settings } from './scripted-client.js'

describe('a call', () => {
  test('is answered by a node of the service', async () => {
    const transport = clientOn(answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 1 })
    expect(transport.ports).toHaveLength(1)
  })

  test('goes to another node when the connection fails, whatever the method', async () => {
    const transport = clientOn(failing('connect', false), answer)
    expect(await run({ idempotent: false })).toMatchObject({ status: 200, attempts: 2 })
    expect(new Set(transport.ports)).toEqual(new Set([1, 2]))
  })

  test('is tried as often as configured and then fails with what happened', async () => {
    clientOn(failing('connect', false))
    const { error, attempts } = await run()
    expect(attempts).toBe(2)
    expect(error).toMatchObject({ id: 'go.micro.client', code: 502, reason: 'connect' })
    expect(error?.detail).toMatch(/GET \/a on a: connect \(node n\d at 127\.0\.0\.1:\d, 2 attempts\)/)
    expect((await run({ settings: { ...settings, retries: 0 } })).attempts).toBe(1)
  })

  test('R7: a kept connection that died is opened again without being counted, if that can do no harm', async () => {
    const transport = clientOn(failing('reset', true, true), failing('connect', false), answer)
    expect(await run()).toMatchObject({ status: 200, attempts: 3 })
    expect(transport.ports).toHaveLength(3)
  })

  test.each([
    ['not idempotent', { idempotent: false }],
    ['a body that is gone', { body: { length: 1, source: process.stdin } }],
  ])('R6: what may have run is not sent again: %s', async (_name, call) => {
    const transport = clientOn(failing('reset', true, true), answer)
    expect((await run(call)).error).toMatchObject({ code: 502, reason: 'reset' })
    expect(transport.ports).toHaveLength(1)
  })

  test.each([
    ['protocol', 502, 'protocol'],
    ['request', 400, 'bad_request'],
  ] as const)('%s is a %i %s and stands', async (kind, code, reason) => {
    const transport = clientOn(failing(kind, true), answer)
    expect((await run()).error).toMatchObject({ code, reason })
    expect(transport.ports).toHaveLength(1)
  })

  test('R24: the deadline ends it, and the exchange with it', async () => {
    const transport = clientOn(() => {})
    const { error } = await run({ timeout: 30, handler: 'rpc' })
    expect(error).toMatchObject({ code: 408, reason: 'timeout' })
    expect(transport.aborted).toBe(1)
  })

  test('only nodes of the version and the filter are called; with none left it is 503 no_node', async () => {
    const transport = clientOn(answer)
    await run({ settings: { ...settings, version: '2' } })
    await run({ nodeFilter: (node) => node.id === 'n1' })
    expect(transport.ports).toEqual([2, 1])
    expect((await run({ settings: { ...settings, version: '3' } })).error).toMatchObject({
      code: 503,
      reason: 'no_node',
    })
  })

  test('R27: a transport that throws leaves nothing in flight', async () => {
    const transport = clientOn(answer)
    transport.send = () => {
      throw new Error('boom')
    }
    for (let i = 0; i < 30; i++) expect((await run()).error).toMatchObject({ code: 500, reason: 'internal' })
    const nodes = [...client.discovery.entries].flatMap((entry) => entry.nodes)
    expect(nodes.map((node) => [node.inFlight, node.breaker?.state])).toEqual([
      [0, 'closed'],
      [0, 'closed'],
    ])
  })

  test('an unknown service is 404 unknown_service', async () => {
    clientOn(answer)
    expect((await run({ service: 'nobody' })).error).toMatchObject({ code: 404, reason: 'unknown_service' })
  })

  test('R27: what a node filter or a request builder throws is a 500 that says so', async () => {
    clientOn(answer)
    const boom = () => {
      throw new Error('boom')
    }
    expect((await run({ nodeFilter: boom })).error).toMatchObject({ code: 500, reason: 'internal' })
    expect((await run({ wire: boom })).error?.detail).toContain('boom')
  })
})

describe('breakers', () => {
  test('R2: a node that keeps failing is left out, and with everything bad the sidecar tries', async () => {
    const transport = clientOn((sink, { port }) =>
      port === 1 ? failing('reset', true)(sink, { address: '', port }) : answer(sink, { address: '', port }),
    )
    for (let i = 0; i < 60; i++) await run()
    transport.ports.length = 0
    for (let i = 0; i < 50; i++) expect((await run()).status).toBe(200)
    expect(transport.ports).not.toContain(1)
    const alone = await run({ nodeFilter: (node) => node.port === 1 })
    expect(alone.error).toMatchObject({ reason: 'reset' })
  })

  test('a call is counted as in flight until its answer has ended, and not after', async () => {
    let finish: () => void = () => {}
    clientOn((sink) => {
      sink.onHead(200, [], 'OK')
      finish = () => sink.onEnd([])
    })
    const done = run()
    await new Promise(setImmediate)
    const nodes = () => [...client.discovery.entries].flatMap((entry) => entry.nodes)
    expect(nodes().reduce((sum, node) => sum + node.inFlight, 0)).toBe(1)
    finish()
    await done
    expect(nodes().reduce((sum, node) => sum + node.inFlight, 0)).toBe(0)
  })
})
