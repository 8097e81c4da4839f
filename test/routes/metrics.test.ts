import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Registry, RegistryStatus } from '../../src/registry/registry.js'
import { version } from '../../src/version.js'
import { only, parseExposition, readMetrics, series } from '../kit/exposition.js'
import { httpNode } from '../kit/http-node.js'
import { register, startSidecar } from '../kit/sidecar.js'

describe('GET /metrics', () => {
  test('is Prometheus text, with the version, the registry and the process', async () => {
    const sidecar = await startSidecar()
    const answer = await sidecar.fetch('/metrics')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const families = parseExposition(await answer.text())
    expect(series(families, 'micro_build_info')).toEqual([[{ version, nodejs: process.versions.node }, 1]])
    expect(series(families, 'micro_registry_age_seconds')).toEqual([[{ registry: 'memory' }, 0]])
    expect(series(families, 'micro_registry_state')).toEqual([
      [{ registry: 'memory', state: 'ok' }, 1],
      [{ registry: 'memory', state: 'stale' }, 0],
      [{ registry: 'memory', state: 'down' }, 0],
    ])
    const started = only(families, 'process_start_time_seconds')
    expect(Math.abs(started + process.uptime() - Date.now() / 1000)).toBeLessThan(2)
    expect(only(families, 'process_resident_memory_bytes')).toBeGreaterThan(20e6)
    expect(only(families, 'process_open_fds')).toBeGreaterThan(3)
    expect(only(families, 'process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(only(families, 'nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6)
    expect(only(families, 'nodejs_eventloop_lag_max_seconds')).toBeLessThan(5)
    expect(families.has('nodejs_gc_duration_seconds')).toBe(true)
  })

  test('counts garbage collections and looks at the event loop from the first reading on', async () => {
    const sidecar = await startSidecar()
    const lag = async () => only(await readMetrics(sidecar), 'nodejs_eventloop_lag_max_seconds')
    const blocked = () => {
      const end = performance.now() + 120
      const garbage: object[][] = []
      while (performance.now() < end) garbage.push(Array.from({ length: 1000 }, () => ({})))
      return lag()
    }
    await expect.poll(blocked, { timeout: 4000 }).toBeGreaterThan(0.08)
    await expect.poll(lag, { timeout: 4000 }).toBeLessThan(0.08)
    const collections = async () => {
      const samples = (await readMetrics(sidecar)).get('nodejs_gc_duration_seconds')?.samples ?? []
      return samples.reduce((sum, { name, value }) => (name.endsWith('_count') ? sum + value : sum), 0)
    }
    await expect.poll(collections, { timeout: 4000 }).toBeGreaterThan(0)
  })

  test.each([
    ['stale', 61_000, 61],
    ['down', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ] as const)('R12: shows that the registry is %s, and since when', async (state, age, seconds) => {
    const sidecar = await startSidecar({ registry: mine(() => ({ state, age })) })
    const families = await readMetrics(sidecar)
    expect(series(families, 'micro_registry_age_seconds')).toEqual([[{ registry: 'mine' }, seconds]])
    expect(series(families, 'micro_registry_state').filter(([, one]) => one === 1)).toEqual([
      [{ registry: 'mine', state }, 1],
    ])
  })

  test('shows the nodes of services that are called, by their id, escaped; those that left are gone at once', async () => {
    const node = await httpNode((_request, response) => response.end('ok'))
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
    const ids = ['plain-1', 'a "b" \\ \n\t c', 'ä 😀 \ud800', '__proto__', '{}=,']
    for (const id of ids) await register(sidecar, 'ns.app', node.port, {}, id)
    await register(sidecar, 'ns.idle', node.port)
    expect((await sidecar.fetch('/app/x')).status).toBe(200)
    const families = await readMetrics(sidecar)
    const shown = ids.map((id) => id.replace('\ud800', '\\ud800'))
    const breakers = series(families, 'micro_breaker_state')
    expect(breakers).toHaveLength(ids.length)
    for (const id of shown) expect(breakers).toContainEqual([{ service: 'ns.app', node: id }, 0])
    expect(series(families, 'micro_nodes')).toEqual([
      [{ service: 'ns.app', state: 'closed' }, ids.length],
      [{ service: 'ns.app', state: 'half-open' }, 0],
      [{ service: 'ns.app', state: 'open' }, 0],
    ])
    const left = ids.slice(1).map((id) => ({ id, address: '127.0.0.1', port: node.port, metadata: {} }))
    await sidecar.registry.deregister({ name: 'ns.app', version: '', metadata: {}, endpoints: [], nodes: left })
    await expect
      .poll(async () => series(await readMetrics(sidecar), 'micro_breaker_state'))
      .toEqual([[{ service: 'ns.app', node: 'plain-1' }, 0]])
  })

  test('says that a breaker is open', async () => {
    const sidecar = await startSidecar({
      handler: 'proxy',
      namespace: 'ns',
      client: { retries: 0, breaker: { volumeThreshold: 2 } },
    })
    const node = await httpNode((_request, response) => response.writeHead(500).end())
    await register(sidecar, 'ns.app', node.port, {}, 'bad')
    for (let i = 0; i < 5; i++) await sidecar.fetch('/app/x')
    const families = await readMetrics(sidecar)
    expect(series(families, 'micro_breaker_state')).toEqual([[{ service: 'ns.app', node: 'bad' }, 2]])
    expect(series(families, 'micro_nodes')).toContainEqual([{ service: 'ns.app', state: 'open' }, 1])
  })
})

test('every family is in docs/metrics.md, with its type and its labels, and no other', async () => {
  const node = await httpNode((_request, response) => response.end('ok'))
  const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
  await register(sidecar, 'ns.app', node.port)
  await sidecar.broker.publish('topic', { header: {}, body: Buffer.from('x') })
  await sidecar.fetch('/app/x')
  const families = await readMetrics(sidecar)
  const inDocs = documented()
  expect([...families.keys()].toSorted()).toEqual([...inDocs.keys()].toSorted())
  for (const [name, { type, samples }] of families) {
    expect([name, inDocs.get(name)?.type]).toEqual([name, type])
    for (const { labels } of samples) {
      expect([name, ...labels.keys()].filter((label) => label !== 'le')).toEqual([
        name,
        ...(inDocs.get(name)?.labels ?? []),
      ])
    }
  }
})

/** Of the table of names. */
function documented(): Map<string, { labels: string[]; type: string | undefined }> {
  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| (`(?:micro|process|nodejs)_.*?) \|(.*?)\| (\w+) \|/gm)]
  return new Map(
    rows.flatMap(([, names = '', labels = '', type]) =>
      words(names).map((name) => [name, { labels: words(labels), type }]),
    ),
  )
}

function words(cell: string): string[] {
  return [...cell.matchAll(/`(.*?)`/g)].map(([, word = '']) => word)
}

describe('the path', () => {
  test.each([
    ['GET', '/metrics?x=1', 200],
    ['HEAD', '/metrics', 200],
    ['POST', '/metrics', 405],
    ['GET', '/metrics/', 404],
    ['GET', '/metrics/more', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const sidecar = await startSidecar()
    const answer = await sidecar.fetch(path, { method })
    expect(answer.status).toBe(status)
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, HEAD')
    if (status > 400) expect(await answer.json()).toMatchObject({ id: 'go.micro.sidecar', code: status })
  })

  test('metrics: false makes it a 404 in the error form', async () => {
    const sidecar = await startSidecar({ metrics: false })
    const answer = await sidecar.fetch('/metrics')
    expect(answer.status).toBe(404)
    expect(answer.headers.get('micro-error')).toBe('no_route')
    expect(await answer.json()).toEqual({
      id: 'go.micro.sidecar',
      code: 404,
      detail: '/metrics is switched off (metrics)',
      status: 'Not Found',
    })
  })

  test('S8: is an admin path', async () => {
    const sidecar = await startSidecar({ auth: { token: 'sesame' } })
    const status = async (headers: Record<string, string>) => (await sidecar.fetch('/metrics', { headers })).status
    expect(await status({})).toBe(401)
    expect(await status({ Authorization: 'Bearer wrong' })).toBe(403)
    expect(await status({ Authorization: 'Bearer sesame' })).toBe(200)
    expect(await status({ Authorization: 'Bearer sesame', Origin: 'http://evil.example' })).toBe(403)
  })

  test('a registry whose state cannot be read is a 500 in the error form', async () => {
    const status = () => {
      throw new Error('no state')
    }
    const sidecar = await startSidecar({ registry: mine(status) })
    const answer = await sidecar.fetch('/metrics')
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ detail: 'the metrics cannot be read: no state' })
  })
})

/** A registry of one's own that says of itself what it likes. */
function mine(status: () => RegistryStatus): Registry {
  return Object.assign(memoryRegistry(), { name: 'mine', status })
}
