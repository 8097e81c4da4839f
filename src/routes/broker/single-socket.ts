import type { WebSocket } from 'ws'
import type { CheckedBroker } from '../../broker/checked-broker.js'
import { wordsOf } from '../../errors.js'
import type { SocketOutlet } from './socket-outlet.js'
import { Unsettled } from './unsettled.js'

export interface SingleSocketOptions {
  readonly broker: CheckedBroker
  readonly topic: string
  /** Of the handshake; every message that is published on the socket has it. */
  readonly contentType: string | undefined
}

/**
 * The original's socket: what the client sends is published to the topic of the subscription. It knows no answer, so
 * that a message which was not accepted ends it: 1011, and why.
 */
export function singleSocket(webSocket: WebSocket, outlet: SocketOutlet, options: SingleSocketOptions): void {
  const { broker, topic, contentType = 'text/plain' } = options
  const unsettled = new Unsettled(webSocket)
  const header: Record<string, string> = Object.create(null)
  header['Content-Type'] = contentType
  webSocket.on('message', (body: Buffer) => {
    if (!outlet.isOpen) return
    unsettled.settle(broker.publish(topic, { header, body })).catch((error: unknown) => {
      broker.tally.dropped('refused')
      outlet.close(1011, wordsOf(error))
    })
  })
}
