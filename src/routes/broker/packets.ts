import type { Socket } from 'socket.io'
import type { Message } from '../../broker/broker.js'
import { decodedBody, headerOf, text } from './multi-frame.js'
import type { PacketOutlet } from './packet-outlet.js'
import { asMicroError, refusal } from './refusals.js'
import type { Subscriptions } from './subscriptions.js'

/** What a client may ask for before it has its answers: socket.io cannot be told to wait. */
const most = 256

type Obey = (args: readonly unknown[]) => Promise<void>

/**
 * `subscribe` and `unsubscribe` with the topic and, where there is one, the queue; `publish` with the topic and the
 * message. A function as the last argument is called with `{ ok: true }` or `{ error }`; without one an error comes
 * as the event `failure`.
 */
export function obeyPackets(socket: Socket, outlet: PacketOutlet, subscriptions: Subscriptions): void {
  let unsettled = 0
  on('subscribe', async ([topic, queue = '']) =>
    subscriptions.subscribe(text(topic, 'the topic'), text(queue, 'Queue')),
  )
  on('unsubscribe', async ([topic, queue = '']) =>
    subscriptions.unsubscribe(text(topic, 'the topic'), text(queue, 'Queue')),
  )
  on('publish', async ([topic, message]) => subscriptions.publish(text(topic, 'the topic'), messageOf(message)))

  function on(event: string, obey: Obey): void {
    socket.on(event, async (...given: unknown[]) => {
      const tell: unknown = typeof given.at(-1) === 'function' ? given.pop() : undefined
      try {
        if (unsettled >= most) throw refusal(429, `more than ${most} requests that wait for their answers`, 'overload')
        unsettled++
        await obey(given).finally(() => unsettled--)
        if (typeof tell === 'function') outlet.say(() => tell({ ok: true }))
      } catch (error) {
        const failure = asMicroError(error)
        outlet.say(() => (typeof tell === 'function' ? tell({ error: failure }) : socket.emit('failure', failure)))
      }
    })
  }
}

/** `{ Header, Body }`; a body may be bytes as well as base64. */
function messageOf(given: unknown): Message {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refusal(400, 'the message must be an object')
  const { Header: header = {}, Body: body = '' }: { Header?: unknown; Body?: unknown } = given
  return { header: headerOf(header), body: Buffer.isBuffer(body) ? body : decodedBody(body) }
}
