import type { WebSocket } from 'ws'
import { textFrame } from '../../broker/text-frame.js'
import { type FrameId, frameId, frameObject, multiFrame } from './multi-frame.js'
import { asMicroError } from './refusals.js'
import type { SocketOutlet } from './socket-outlet.js'
import type { Subscriptions } from './subscriptions.js'
import { Unsettled } from './unsettled.js'

/** A socket that speaks `micro.broker.v1`: any number of topics, and an answer to every frame that has an `Id`. */
export function multiSocket(webSocket: WebSocket, outlet: SocketOutlet, subscriptions: Subscriptions): void {
  const unsettled = new Unsettled(webSocket)
  webSocket.on('message', (data: Buffer, isBinary) => {
    if (outlet.isOpen) void unsettled.settle(answer(data, isBinary))
  })

  async function answer(data: Buffer, isBinary: boolean): Promise<void> {
    let id: FrameId | undefined
    try {
      const object = frameObject(data, isBinary)
      id = frameId(object)
      await obey(object)
      if (id !== undefined) tell({ Id: id, Ok: true })
    } catch (error) {
      tell({ Id: id, Error: asMicroError(error) })
    }
  }

  function obey(object: Readonly<Record<string, unknown>>): Promise<void> {
    const frame = multiFrame(object)
    if (frame.kind === 'publish') return subscriptions.publish(frame.topic, frame.message)
    return subscriptions[frame.kind](frame.topic, frame.queue)
  }

  /** Behind the messages, and under the same limit. */
  function tell(frame: object): void {
    outlet.write(textFrame(JSON.stringify(frame)))
  }
}
