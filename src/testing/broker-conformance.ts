import type { Broker } from '../broker/broker.js'
import { Bench, type BrokerConformanceOptions } from './broker/bench.js'
import { content } from './broker/content.js'
import { queues } from './broker/queues.js'
import { subscriptions } from './broker/subscriptions.js'
import type { TestRunner } from './registry-conformance.js'

export type { BrokerConformanceOptions } from './broker/bench.js'

/** What every `Broker` must do. `make` gives a broker of its own to each test, not yet started; the test closes it. */
export function brokerConformance(
  name: string,
  make: () => Broker | Promise<Broker>,
  { test }: TestRunner,
  options: BrokerConformanceOptions = {},
): void {
  for (const [promise, check] of Object.entries(promises)) {
    test(`${name} broker: ${promise}`, async () => {
      const bench = new Bench(await make(), options)
      try {
        await bench.broker.start?.()
        await check(bench)
      } finally {
        await bench.broker.close()
      }
    })
  }
}

const promises = { ...content, ...subscriptions, ...queues }
