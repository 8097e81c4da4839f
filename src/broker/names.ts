import { MicroError } from '../errors.js'

/** Longer ones are no names, and some brokers cut them. */
const longest = 1024

/** Of a topic or a queue: any text is a name, but not with what would break a line protocol or a log. */
const unfit = /[\s\p{Cc}\p{Cs}]/u

/** Why a topic, and a queue, cannot be used; `undefined` when they can. */
export function nameRefusal(topic: string, queue = ''): MicroError | undefined {
  if (topic === '') return refusal('Topic not specified')
  return fault('topic', topic) ?? (queue === '' ? undefined : fault('queue', queue))
}

function fault(what: string, name: string): MicroError | undefined {
  if (name.length > longest) return refusal(`the ${what} is longer than ${longest} characters`)
  if (!unfit.test(name)) return undefined
  return refusal(`the ${what} ${JSON.stringify(name.slice(0, 60))} holds white space or control characters`)
}

function refusal(detail: string): MicroError {
  return new MicroError('go.micro.broker', 400, detail, { reason: 'bad_request' })
}
