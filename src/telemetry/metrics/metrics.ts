import type { CheckedBroker } from '../../broker/checked-broker.js'
import type { Client } from '../../client/client.js'
import type { InFlight } from '../../http/in-flight.js'
import { ServiceLedger } from '../counters/service-ledger.js'
import { brokerMetrics } from './broker-metrics.js'
import { buildInfo } from './build-info.js'
import type { MetricSource } from './family.js'
import { nodeMetrics } from './node-metrics.js'
import { ProcessMetrics } from './process-metrics.js'
import { registryMetrics } from './registry-metrics.js'
import { serviceMetrics } from './service-metrics.js'
import { gauge } from './single.js'

export interface MetricsParts {
  readonly client: Client
  readonly broker: CheckedBroker
}

/** What a sidecar counts, from its start to its end: a reload does not begin anew. */
export class Metrics {
  readonly services = new ServiceLedger()
  readonly #process = new ProcessMetrics()

  /** All of `/metrics`, read at those parts. A room that counts for itself has its source in this list. */
  sources({ client, broker }: MetricsParts, inFlight: InFlight): readonly MetricSource[] {
    return [
      buildInfo,
      serviceMetrics(this.services),
      () => [gauge('micro_requests_in_flight', 'Requests that have not been answered to the end.', inFlight.count)],
      registryMetrics(client.registry),
      nodeMetrics(() => client.discovery.entries),
      brokerMetrics(broker.tally),
      this.#process.source,
    ]
  }

  close(): void {
    this.#process.close()
  }
}
