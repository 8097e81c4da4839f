import type { CheckedBroker } from '../../broker/checked-broker.js'
import type { Client } from '../../client/client.js'
import { brokerMetrics } from './broker-metrics.js'
import { buildInfo } from './build-info.js'
import type { MetricSource } from './family.js'
import { nodeMetrics } from './node-metrics.js'
import { ProcessMetrics } from './process-metrics.js'
import { registryMetrics } from './registry-metrics.js'

export interface MetricsParts {
  readonly client: Client
  readonly broker: CheckedBroker
}

/** What a sidecar counts, from its start to its end: a reload does not begin anew. */
export class Metrics {
  readonly #process = new ProcessMetrics()

  /** All of `/metrics`, read at those parts. A room that counts for itself has its source in this list. */
  sources({ client, broker }: MetricsParts): readonly MetricSource[] {
    return [
      buildInfo,
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
