import type { Message } from './broker.js'

/** go-micro's form of a message, in its order: `{"Header":{…},"Body":"<base64>"}`. */
export function messageJson({ header, body }: Message): string {
  return `{"Header":${headerJson(header)},"Body":"${body.toString('base64')}"}`
}

/** The same with the topic in front, where one stream carries several. */
export function namedMessageJson(topic: string, plain: string): string {
  return `{"Topic":${JSON.stringify(topic)},${plain.slice(1)}`
}

/** By hand: an object without a prototype is slow to make JSON of. */
function headerJson(header: Message['header']): string {
  let json = ''
  for (const name in header) json += `${json === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(header[name])}`
  return `{${json}}`
}
