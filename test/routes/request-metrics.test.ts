import { describe, expect, test } from 'vitest'
import type { MicroConfig, Sidecar } from '../../src/index.js'
import { only, readMetrics, series } from '../kit/exposition.js'
import { httpNode } from '../kit/http-node.js'
import { rawCaller, rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const json = { 'Content-Type': 'application/json' }

function proxy(config: MicroConfig = {}): Promise<Sidecar> {
  return startSidecar({ handler: 'proxy', namespace: 'ns', ...config })
}

/** Those that counted something, without their service where that is `service`. */
async function counted(sidecar: Sidecar, name: string): Promise<[Record<string, string>, number][]> {
  return series(await readMetrics(sidecar), name).filter(([, value]) => value > 0)
}

/** How often attempts at ns.app ended so. */
async function attempts(sidecar: Sidecar): Promise<Record<string, number>> {
  const all = await counted(sidecar, 'micro_attempts_total')
  return Object.fromEntries(all.filter(([{ service }]) => service === 'ns.app').map(([{ outcome }, n]) => [outcome, n]))
}

/** What was answered, as `handler service code`, without the readings of metrics themselves. */
async function answers(sidecar: Sidecar): Promise<Record<string, number>> {
  const all = await counted(sidecar, 'micro_requests_total')
  const pairs = all.map(([{ handler, service, code }, n]) => [`${handler} ${service} ${code}`, n] as const)
  return Object.fromEntries(pairs.filter(([key]) => !key.startsWith('metrics ')))
}

describe('micro_requests_total', () => {
  test('counts what was answered, by handler, service and code', async () => {
    const node = await httpNode((request, response) => response.writeHead(request.url === '/app/b' ? 418 : 200).end())
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    for (const path of ['/app/a', '/app/a', '/app/b', '/nobody/a', '/%00', '/health', '/registry']) {
      await (await sidecar.fetch(path)).text()
    }
    expect(await answers(sidecar)).toEqual({
      'proxy ns.app 200': 2,
      'proxy ns.app 418': 1,
      'proxy unknown 404': 1,
      'proxy  404': 1,
      'health  200': 1,
      'registry  200': 1,
    })
  })

  test('/rpc and the rpc handler are one handler; calls of the SDK are another', async () => {
    const node = await httpNode((request, response) => {
      const failing = request.headers['x-fail'] === 'yes'
      response.end(failing ? '{"id":0,"result":null,"error":"no"}' : '{"id":0,"result":{"ok":true},"error":null}')
    })
    const sidecar = await startSidecar({ namespace: 'ns' })
    await register(sidecar, 'ns.app', node.port)
    await sidecar.fetch('/app/say/hello', { method: 'POST', headers: json, body: '{}' })
    const body = '{"service":"ns.app","method":"A.B"}'
    await sidecar.fetch('/rpc', { method: 'POST', headers: json, body })
    await sidecar.call('ns.app', 'A.B')
    await sidecar.call('ns.app', 'A.B', {}, { headers: { 'x-fail': 'yes' } }).catch(() => {})
    await sidecar.call('ns.nobody', 'A.B').catch(() => {})
    await sidecar.call('ns.app', 'A.B', {}, { signal: AbortSignal.abort() }).catch(() => {})
    expect(await answers(sidecar)).toEqual({
      'rpc ns.app 200': 2,
      'sdk ns.app 200': 1,
      'sdk ns.app 500': 1,
      'sdk unknown 404': 1,
    })
  })

  test('a call of the SDK that is aborted, and a caller that leaves before any answer, are 499', async () => {
    const node = await httpNode(() => {})
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    const leaving = new AbortController()
    const call = sidecar.call('ns.app', 'A.B', {}, { signal: leaving.signal })
    const caller = rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
    await expect.poll(() => node.requests.length).toBe(2)
    expect(only(await readMetrics(sidecar), 'micro_requests_in_flight')).toBe(2)
    leaving.abort()
    caller.socket.destroy()
    await expect(call).rejects.toThrow()
    await expect.poll(() => answers(sidecar)).toEqual({ 'proxy ns.app 499': 1, 'sdk ns.app 499': 1 })
    expect(only(await readMetrics(sidecar), 'micro_requests_in_flight')).toBe(0)
    expect(await attempts(sidecar)).toEqual({})
  })

  test('a service that is called by the address of a node is known when it is registered, and else is not', async () => {
    const node = await httpNode((_request, response) => response.end('{"id":0,"result":{},"error":null}'))
    const sidecar = await startSidecar({ rpc: { addresses: 'any' } })
    await register(sidecar, 'ns.app', node.port)
    for (const service of ['ns.app', 'invented']) {
      const body = JSON.stringify({ service, method: 'A.B', address: `127.0.0.1:${node.port}` })
      await sidecar.fetch('/rpc', { method: 'POST', headers: json, body })
    }
    expect(await answers(sidecar)).toEqual({ 'rpc ns.app 200': 1, 'rpc unknown 200': 1 })
    expect(await attempts(sidecar)).toEqual({ ok: 1 })
  })

  test('what is refused before any handler, for its framing say, has handler none', async () => {
    const sidecar = await startSidecar()
    await rawCaller(sidecar.url).send('GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n').end()
    expect(await answers(sidecar)).toEqual({ 'none  400': 1 })
  })

  test('a reload begins nothing anew', async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const config: MicroConfig = { address: '127.0.0.1:0', registry: 'memory', handler: 'proxy', namespace: 'ns' }
    const sidecar = await startSidecar({ ...config, log: { level: 'silent' } })
    await register(sidecar, 'ns.app', node.port)
    await sidecar.fetch('/app/x')
    await sidecar.reload({ ...config, client: { timeout: '1s' }, log: { level: 'silent' } })
    await sidecar.fetch('/app/x')
    expect(await answers(sidecar)).toEqual({ 'proxy ns.app 200': 2 })
    expect(await attempts(sidecar)).toEqual({ ok: 2 })
    await sidecar.reload({ ...config, metrics: false, log: { level: 'silent' } })
    expect((await sidecar.fetch('/metrics')).status).toBe(404)
  })
})

describe('micro_request_duration_seconds', () => {
  test('holds every request, the slow ones in higher buckets, and no WebSocket', async () => {
    const node = await httpNode((request, response) => {
      if (request.url === '/app/slow') setTimeout(() => response.end('ok'), 120)
      else response.end('ok')
    })
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    for (const path of ['/app/slow', '/app/fast', '/app/fast']) await (await sidecar.fetch(path)).text()
    const all = (await readMetrics(sidecar)).get('micro_request_duration_seconds')?.samples ?? []
    const ours = all.filter(({ labels }) => labels.get('service') === 'ns.app')
    const bucket = (le: string) => ours.find(({ labels }) => labels.get('le') === le)?.value
    expect(bucket('0.1')).toBeLessThan(3)
    expect(bucket('+Inf')).toBe(3)
    expect(ours.find(({ name }) => name.endsWith('_sum'))?.value).toBeGreaterThan(0.12)
  })

  test('a WebSocket is counted as 101 when it has ended, and how long it was open is no latency', async () => {
    const node = await rawNode((socket) => {
      socket.on('end', () => socket.end())
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n'),
      )
    })
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    const caller = rawCaller(sidecar.url)
    await caller
      .send('GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
      .until(/^HTTP\/1\.1 101/)
    caller.socket.destroy()
    await expect.poll(() => answers(sidecar)).toEqual({ 'proxy ns.app 101': 1 })
    expect(await attempts(sidecar)).toEqual({ ok: 1 })
    const durations = (await readMetrics(sidecar)).get('micro_request_duration_seconds')?.samples ?? []
    const count = durations.find(({ name, labels }) => name.endsWith('_count') && labels.get('service') === 'ns.app')
    expect(count?.value).toBe(0)
  })
})

describe('micro_attempts_total and micro_retries_total', () => {
  test.each([200, 404, 302])('ok: an answer of %i', async (code) => {
    const node = await httpNode((_request, response) => response.writeHead(code).end())
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    await sidecar.fetch('/app/x', { redirect: 'manual' })
    expect(await attempts(sidecar)).toEqual({ ok: 1 })
  })

  test('error: an answer of 500, and one that breaks the protocol', async () => {
    const sidecar = await proxy({ client: { retries: 0 } })
    const failing = await httpNode((_request, response) => response.writeHead(500).end())
    await register(sidecar, 'ns.app', failing.port)
    await sidecar.fetch('/app/x')
    const odd = await rawNode((socket) => socket.once('data', () => socket.end('HTTP/1.1 2000 OK\r\n\r\n')))
    await register(sidecar, 'ns.app', odd.port, {}, `ns.app-${failing.port}`)
    expect((await sidecar.fetch('/app/x')).status).toBe(502)
    expect(await attempts(sidecar)).toEqual({ error: 2 })
  })

  test('connect, then ok at another node: one request, two attempts, one retry', async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const sidecar = await proxy({ client: { balancer: { name: 'first', pick: ([one]) => one ?? never() } } })
    await register(sidecar, 'ns.app', 1, {}, 'dead')
    await register(sidecar, 'ns.app', node.port, {}, 'well')
    expect((await sidecar.fetch('/app/x')).status).toBe(200)
    expect(await attempts(sidecar)).toEqual({ connect: 1, ok: 1 })
    expect(await counted(sidecar, 'micro_retries_total')).toEqual([[{ service: 'ns.app' }, 1]])
    expect(await answers(sidecar)).toEqual({ 'proxy ns.app 200': 1 })
  })

  test('reset: the node ends the connection before any answer', async () => {
    const node = await rawNode((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const sidecar = await proxy({ client: { retries: 0 } })
    await register(sidecar, 'ns.app', node.port)
    expect((await sidecar.fetch('/app/x', { method: 'POST', body: 'x' })).status).toBe(502)
    expect(await attempts(sidecar)).toEqual({ reset: 1 })
  })

  test('timeout: of an attempt, and of the whole call', async () => {
    const node = await httpNode(() => {})
    const sidecar = await proxy({ client: { timeout: '300ms', attemptTimeout: '50ms', retries: 1 } })
    await register(sidecar, 'ns.app', node.port)
    expect((await sidecar.fetch('/app/x')).status).toBe(504)
    expect(await attempts(sidecar)).toEqual({ timeout: 2 })
    const whole = await proxy({ client: { timeout: '50ms' } })
    await register(whole, 'ns.app', node.port)
    expect((await whole.fetch('/app/x')).status).toBe(504)
    expect(await attempts(whole)).toEqual({ timeout: 1 })
  })

  test('rejected: over client.maxInFlight, and a 429 of the node', async () => {
    const held = await httpNode((request, response) => {
      if (request.url === '/app/busy') response.writeHead(429).end()
    })
    const sidecar = await proxy({ client: { maxInFlight: 1 } })
    await register(sidecar, 'ns.app', held.port)
    expect((await sidecar.fetch('/app/busy')).status).toBe(429)
    const caller = rawCaller(sidecar.url).send('GET /app/hold HTTP/1.1\r\nHost: a\r\n\r\n')
    await expect.poll(() => held.requests.length).toBe(2)
    expect((await sidecar.fetch('/app/x')).headers.get('micro-error')).toBe('overload')
    expect(await attempts(sidecar)).toEqual({ rejected: 2 })
    caller.socket.destroy()
  })

  test('an answer that was cut off after its head stays ok: an attempt counts once', async () => {
    const node = await rawNode((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
        setImmediate(() => socket.resetAndDestroy())
      }),
    )
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    await expect(sidecar.fetch('/app/x').then((answer) => answer.text())).rejects.toThrow()
    expect(await attempts(sidecar)).toEqual({ ok: 1 })
  })
})

describe('S12: labels', () => {
  test('10,000 invented names, paths and methods make no series of their own', { timeout: 60_000 }, async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const sidecar = await proxy()
    await register(sidecar, 'ns.app', node.port)
    await sidecar.fetch('/app/x')
    const caller = rawCaller(sidecar.url)
    const names = 10_000
    for (let i = 0; i < names; i++) {
      caller.send(
        `${i % 2 ? 'GET' : 'PUT'} /invented${i}/p${i}?q=${i} HTTP/1.1\r\nHost: h${i}\r\nContent-Length: 0\r\n\r\n`,
      )
    }
    await expect
      .poll(async () => (await answers(sidecar))['proxy unknown 404'], { timeout: 50_000, interval: 200 })
      .toBe(names)
    caller.socket.destroy()
    const families = await readMetrics(sidecar)
    const text = JSON.stringify([...families].map(([name]) => series(families, name)))
    expect(text).not.toContain('invented')
    expect(text.length).toBeLessThan(20_000)
  })
})

function never(): never {
  throw new Error('no candidates')
}
