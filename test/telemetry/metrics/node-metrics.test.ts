import { expect, test } from 'vitest'
import { NodeBreaker } from '../../../src/client/breaker.js'
import { ServiceEntry } from '../../../src/client/service-entry.js'
import { ServiceCounters } from '../../../src/telemetry/counters/service-counters.js'
import { exposition } from '../../../src/telemetry/metrics/exposition.js'
import { nodeMetrics } from '../../../src/telemetry/metrics/node-metrics.js'
import { parseExposition, series } from '../../kit/exposition.js'

const settings = {
  errorThreshold: 0.5,
  volumeThreshold: 1,
  window: 1000,
  consecutiveFailures: 1,
  openTime: 60_000,
  maxOpenTime: 60_000,
}

function entry(name: string, versions: Record<string, string[]>, counters = new ServiceCounters(name)): ServiceEntry {
  const made = new ServiceEntry(name, counters)
  const nodes = (ids: string[]) => ids.map((id) => ({ id, address: '127.0.0.1', port: 80, metadata: {} }))
  const services = Object.entries(versions).map(([version, ids]) => ({ version, nodes: nodes(ids) }))
  made.update(services.map((service) => ({ name, metadata: {}, endpoints: [], ...service })))
  return made
}

function open({ nodes }: ServiceEntry, index: number): void {
  const breaker = new NodeBreaker(settings, () => {})
  breaker.begin().fail()
  const node = nodes[index]
  if (node !== undefined) node.breaker = breaker
}

async function read(...entries: ServiceEntry[]): Promise<ReturnType<typeof parseExposition>> {
  return parseExposition([...exposition(await nodeMetrics(() => entries)())].join(''))
}

test('nodes of one id in two versions are one series, of the worse state', async () => {
  const one = entry('a', { '1': ['n1', 'n2'], '2': ['n1', 'n3'] })
  open(one, 0)
  const families = await read(one)
  expect(series(families, 'micro_breaker_state')).toEqual([
    [{ service: 'a', node: 'n1' }, 2],
    [{ service: 'a', node: 'n2' }, 0],
    [{ service: 'a', node: 'n3' }, 0],
  ])
  expect(series(families, 'micro_nodes').map(([, value]) => value)).toEqual([2, 0, 1])
})

test('S12: 10,000 series at the most, with the nodes that are out before all others', async () => {
  const ids = Array.from({ length: 6000 }, (_, i) => `n${i}`)
  const [one, other] = [entry('a', { '1': ids }), entry('b', { '1': ids })]
  open(other, 5999)
  const all = series(await read(one, other), 'micro_breaker_state')
  expect(all).toHaveLength(10_000)
  expect(all[0]).toEqual([{ service: 'b', node: 'n5999' }, 2])
})

test('S12: a service beyond the bound of services has no series of its nodes', async () => {
  const families = await read(entry('one-too-many', { '1': ['n1'] }, new ServiceCounters('unknown')))
  expect(series(families, 'micro_breaker_state')).toEqual([])
  expect(series(families, 'micro_nodes')).toEqual([])
})
