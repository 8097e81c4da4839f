import { nameRefusal } from '../../broker/names.js'

/** What `?topic=T&queue=Q` names; the first of each counts. */
export interface BrokerTarget {
  readonly topic: string
  readonly queue: string
}

/** Throws a MicroError on names that cannot be; `topicNeeded` false lets the topic be absent. */
export function brokerTarget(target: string, topicNeeded = true): BrokerTarget {
  const query = target.indexOf('?')
  const parameters = new URLSearchParams(query < 0 ? '' : target.slice(query))
  const topic = parameters.get('topic') ?? ''
  const queue = parameters.get('queue') ?? ''
  const refusal = topic === '' && !topicNeeded ? undefined : nameRefusal(topic, queue)
  if (refusal !== undefined) throw refusal
  return { topic, queue }
}
