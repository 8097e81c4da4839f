import { MicroError } from '../../errors.js'

/** Bytes of a topic and a queue together: a line of NATS' protocol has 4,096 at most. */
const longest = 3500

/**
 * A topic is a NATS subject as it is. What NATS would read as something else than a name is refused: parts that are
 * empty, wildcards, and the subjects that NATS is steered by, which nobody may reach by choosing a topic.
 */
export function subjectOf(topic: string, queue = ''): string {
  const parts = topic.split('.')
  if (parts.includes('')) throw refusal('NATS takes no topic with an empty part between its dots')
  if (parts.includes('*') || parts.includes('>')) throw refusal('NATS reads a part * or > of a topic as a wildcard')
  if (topic.startsWith('$') || parts[0] === '_INBOX') throw refusal(`NATS keeps topics such as ${parts[0]} to itself`)
  if (Buffer.byteLength(topic) + Buffer.byteLength(queue) > longest) {
    throw refusal(`NATS takes a topic and a queue of ${longest} bytes together`)
  }
  return topic
}

function refusal(detail: string): MicroError {
  return new MicroError('go.micro.broker', 400, detail, { reason: 'bad_request' })
}
