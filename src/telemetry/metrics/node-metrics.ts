import type { BreakerState } from '../../client/breaker.js'
import type { ServiceEntry } from '../../client/service-entry.js'
import type { MetricFamily, MetricSample, MetricSource } from './family.js'

const levels: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 }
const states: readonly BreakerState[] = ['closed', 'half-open', 'open']

/** Series of nodes, of all services together: those whose breakers are not closed come first. */
const mostNodes = 10_000

/** The nodes of the services that are called, as they are at this moment: one that left has no series. */
export function nodeMetrics(entries: () => Iterable<ServiceEntry>): MetricSource {
  return () => {
    const services = [...entries()]
      .filter(isNamed)
      .map(({ name, nodes }) => ({ service: name, nodes: worstById(nodes) }))
    return [breakers(services), counts(services)]
  }
}

interface Service {
  readonly service: string
  readonly nodes: ReadonlyMap<string, BreakerState>
}

function breakers(services: readonly Service[]): MetricFamily {
  return {
    name: 'micro_breaker_state',
    help: 'The breaker of a node: 0 closed, 1 half open, 2 open.',
    type: 'gauge',
    samples: breakerSamples(services),
  }
}

function* breakerSamples(services: readonly Service[]): Generator<MetricSample, void> {
  let left = mostNodes
  for (const isClosed of [false, true]) {
    for (const { service, nodes } of services) {
      for (const [node, state] of nodes) {
        if ((state === 'closed') !== isClosed) continue
        if (left-- <= 0) return
        yield { labels: { service, node }, value: levels[state] }
      }
    }
  }
}

function counts(services: readonly Service[]): MetricFamily {
  return {
    name: 'micro_nodes',
    help: 'Nodes of a service that is called, by the state of their breakers.',
    type: 'gauge',
    samples: countSamples(services),
  }
}

function* countSamples(services: readonly Service[]): Generator<MetricSample, void> {
  for (const { service, nodes } of services) {
    const all = [...nodes.values()]
    for (const state of states) yield { labels: { service, state }, value: all.filter((one) => one === state).length }
  }
}

/** Not one of those that are beyond the bound, and count together. */
function isNamed({ name, counters }: ServiceEntry): boolean {
  return counters.name === name
}

/** Two versions of a service may have nodes of one id; a series must not come twice. */
function worstById(nodes: ServiceEntry['nodes']): ReadonlyMap<string, BreakerState> {
  const byId = new Map<string, BreakerState>()
  for (const { id, breaker } of nodes) {
    const state = breaker?.state ?? 'closed'
    if (levels[state] >= levels[byId.get(id) ?? 'closed']) byId.set(id, state)
  }
  return byId
}
