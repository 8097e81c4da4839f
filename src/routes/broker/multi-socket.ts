import type { WebSocket } from 'ws'
import type { CheckedBroker } from '../../broker/checked-broker.js'
import type { FanOut, Membership } from '../../broker/fan-out.js'
import { textFrame } from '../../broker/text-frame.js'
import { type FrameId, frameId, frameObject, multiFrame } from './multi-frame.js'
import { asMicroError, refusal } from './refusals.js'
import type { SocketOutlet } from './socket-outlet.js'
import type { BrokerTarget } from './target.js'
import { Unsettled } from './unsettled.js'

/** Subscriptions of one socket. */
const most = 1000

/** A socket that speaks `micro.broker.v1`: any number of topics, and an answer to every frame that has an `Id`. */
export class MultiSocket {
  readonly #broker: CheckedBroker
  readonly #fanOut: FanOut
  readonly #outlet: SocketOutlet
  /** By topic and queue. */
  readonly #memberships = new Map<string, Membership>()
  /** Subscriptions come and go in the order of the frames, and what is published after them finds them so. */
  #changes: Promise<void> = Promise.resolve()
  #left = false

  constructor(broker: CheckedBroker, fanOut: FanOut, outlet: SocketOutlet) {
    this.#broker = broker
    this.#fanOut = fanOut
    this.#outlet = outlet
  }

  /** The subscription that the handshake asks for. */
  join({ topic, queue }: BrokerTarget): Promise<void> {
    return this.#subscribe(topic, queue)
  }

  open(webSocket: WebSocket): void {
    for (const membership of this.#memberships.values()) membership.open()
    const unsettled = new Unsettled(webSocket)
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (this.#outlet.isOpen) void unsettled.settle(this.#answer(data, isBinary))
    })
  }

  leave(): void {
    this.#left = true
    for (const membership of this.#memberships.values()) membership.leave()
    this.#memberships.clear()
  }

  async #answer(data: Buffer, isBinary: boolean): Promise<void> {
    let id: FrameId | undefined
    try {
      const object = frameObject(data, isBinary)
      id = frameId(object)
      await this.#obey(object)
      if (id !== undefined) this.#tell({ Id: id, Ok: true })
    } catch (error) {
      this.#tell({ Id: id, Error: asMicroError(error) })
    }
  }

  async #obey(object: Readonly<Record<string, unknown>>): Promise<void> {
    const frame = multiFrame(object)
    if (frame.kind === 'publish') {
      await this.#changes
      return this.#broker.publish(frame.topic, frame.message)
    }
    const { kind, topic, queue } = frame
    const change = this.#changes.then(() =>
      kind === 'subscribe' ? this.#subscribe(topic, queue) : this.#unsubscribe(topic, queue),
    )
    this.#changes = change.catch(ignore)
    return change
  }

  async #subscribe(topic: string, queue: string): Promise<void> {
    const key = keyOf(topic, queue)
    if (this.#memberships.has(key)) return
    if (this.#memberships.size >= most) throw refusal(429, `a socket has at most ${most} subscriptions`, 'overload')
    const membership = await this.#fanOut.join(topic, this.#outlet, { queue })
    if (this.#left) return membership.leave()
    this.#memberships.set(key, membership)
    if (this.#outlet.isOpen) membership.open()
  }

  async #unsubscribe(topic: string, queue: string): Promise<void> {
    const key = keyOf(topic, queue)
    const membership = this.#memberships.get(key)
    if (membership === undefined) throw refusal(404, 'there is no such subscription on this socket')
    this.#memberships.delete(key)
    membership.leave()
  }

  #tell(answer: object): void {
    this.#outlet.write(textFrame(JSON.stringify(answer)))
  }
}

function keyOf(topic: string, queue: string): string {
  return JSON.stringify([topic, queue])
}

function ignore(): void {}
