import type { BrokerTally, TopicCounts } from '../../broker/tally.js'
import type { MetricFamily, MetricSource } from './family.js'

/** What passed the broker on this sidecar. */
export function brokerMetrics(tally: BrokerTally): MetricSource {
  return () => {
    const topics = tally.topics()
    return [messages(topics), drops(tally), subscribers(topics)]
  }
}

type Topics = readonly (readonly [topic: string, counts: TopicCounts])[]

function messages(topics: Topics): MetricFamily {
  return {
    name: 'micro_broker_messages_total',
    help: 'Messages by topic: in, accepted of publishers here; out, handed to subscribers here, each counted.',
    type: 'counter',
    samples: topics.flatMap(([topic, { published, delivered }]) => [
      { labels: { topic, direction: 'in' }, value: published },
      { labels: { topic, direction: 'out' }, value: delivered },
    ]),
  }
}

function drops(tally: BrokerTally): MetricFamily {
  return {
    name: 'micro_broker_dropped_total',
    help: 'Messages that were accepted and did not reach a subscriber here, by reason.',
    type: 'counter',
    samples: [...tally.drops].map(([reason, value]) => ({ labels: { reason }, value })),
  }
}

function subscribers(topics: Topics): MetricFamily {
  return {
    name: 'micro_subscribers',
    help: 'Subscribers here, by topic.',
    type: 'gauge',
    samples: topics.map(([topic, counts]) => ({ labels: { topic }, value: counts.subscribers })),
  }
}
