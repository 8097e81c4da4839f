import type { Message } from './broker.js'

/** go-micro's form of a message, in its order: `{"Header":{…},"Body":"<base64>"}`. */
export function messageJson(message: Message): string {
  return jsonHead(message) + message.body.toString('base64') + jsonTail
}

/** What of that stands in front of the body. */
export function jsonHead({ header }: Message): string {
  let json = ''
  // By hand: an object without a prototype is slow to make JSON of.
  for (const name in header) json += `${json === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(header[name])}`
  return `{"Header":{${json}},"Body":"`
}

/** The same with the topic first, where one stream carries several. */
export function namedJsonHead(topic: string, head: string): string {
  return `{"Topic":${JSON.stringify(topic)},${head.slice(1)}`
}

/** What stands behind the body. */
export const jsonTail = '"}'
