import type { ServiceCounters } from '../counters/service-counters.js'
import type { ServiceLedger } from '../counters/service-ledger.js'
import type { MetricFamily, MetricSample, MetricSource } from './family.js'

/** Requests, attempts and retries of each service. */
export function serviceMetrics(ledger: ServiceLedger): MetricSource {
  return () => {
    const services = ledger.all
    return [
      counter(
        'micro_requests_total',
        'Requests that have been answered, by the status of the answer.',
        requests(services),
      ),
      {
        name: 'micro_request_duration_seconds',
        help: 'Time from the head of a request to the end of its answer; WebSockets are not in it.',
        type: 'histogram',
        samples: durations(services),
      },
      counter('micro_attempts_total', 'Attempts at nodes, by how they ended.', attempts(services)),
      counter('micro_retries_total', 'Attempts of a call behind its first.', retries(services)),
    ]
  }
}

function counter(name: string, help: string, samples: Iterable<MetricSample>): MetricFamily {
  return { name, help, type: 'counter', samples }
}

function* requests(services: readonly ServiceCounters[]): Generator<MetricSample, void> {
  for (const { name: service, requests } of services) {
    for (const [handler, { codes, counts }] of requests) {
      for (const [i, code] of codes.entries()) {
        yield { labels: { handler, service, code: String(code) }, value: counts[i] ?? 0 }
      }
    }
  }
}

function* durations(services: readonly ServiceCounters[]): Generator<MetricSample, void> {
  for (const { name: service, requests } of services) {
    for (const [handler, { durations }] of requests) yield* durations.samples({ handler, service })
  }
}

function* attempts(services: readonly ServiceCounters[]): Generator<MetricSample, void> {
  for (const { name: service, attempts } of services) {
    if (service === '') continue
    for (const [outcome, value] of Object.entries(attempts)) yield { labels: { service, outcome }, value }
  }
}

function* retries(services: readonly ServiceCounters[]): Generator<MetricSample, void> {
  for (const { name: service, retries } of services) if (service !== '') yield { labels: { service }, value: retries }
}
