import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CheckedBroker } from '../../broker/checked-broker.js'
import type { FanOut, Membership } from '../../broker/fan-out.js'
import type { Outlet } from '../../broker/outlet.js'
import { rawAnswer } from '../../http/raw-answer.js'
import { WebSockets } from '../web-sockets.js'
import { multiProtocol } from './multi-frame.js'
import { multiSocket } from './multi-socket.js'
import { asMicroError, id } from './refusals.js'
import { singleSocket } from './single-socket.js'
import { SocketOutlet } from './socket-outlet.js'
import { Subscriptions } from './subscriptions.js'
import { type BrokerTarget, brokerTarget } from './target.js'

export interface SocketsOptions {
  readonly frame: number
  readonly subscriberBuffer: number
  readonly pingInterval?: number
  readonly readTimeout?: number
}

/** Subscribers by WebSocket: `GET /broker?topic=T[&queue=Q]`. */
export class Sockets {
  readonly #broker: CheckedBroker
  readonly #fanOut: FanOut
  readonly #options: SocketsOptions
  readonly #webSockets: WebSockets
  /** Handshakes that wait for their subscription. */
  #awaited = 0

  constructor(broker: CheckedBroker, fanOut: FanOut, options: SocketsOptions) {
    this.#broker = broker
    this.#fanOut = fanOut
    this.#options = options
    this.#webSockets = new WebSockets({ ...options, id, protocol: multiProtocol })
  }

  /** The handshake is answered once the subscription is made: who has seen it misses nothing. */
  async handle(request: IncomingMessage, socket: Duplex, head: Buffer, target: string): Promise<void> {
    const isMulti = offers(request, multiProtocol)
    this.#awaited++
    try {
      const { topic, queue } = brokerTarget(target, !isMulti)
      if (isMulti) await this.#openMulti(request, socket, head, { topic, queue })
      else await this.#openSingle(request, socket, head, { topic, queue })
    } catch (error) {
      rawAnswer(socket, asMicroError(error))
    } finally {
      this.#awaited--
    }
  }

  get isUsed(): boolean {
    return this.#awaited > 0 || this.#webSockets.isUsed
  }

  close(): void {
    this.#webSockets.close()
  }

  async #openSingle(request: IncomingMessage, socket: Duplex, head: Buffer, target: BrokerTarget): Promise<void> {
    const { topic, queue } = target
    const outlet = this.#outlet('frame', socket, () => membership.leave())
    const membership: Membership = await this.#fanOut.join(topic, outlet, { queue })
    socket.once('close', () => membership.leave())
    if (socket.destroyed) return membership.leave()
    this.#webSockets.accept(request, socket, head, (webSocket) => {
      outlet.open(webSocket)
      singleSocket(webSocket, outlet, { broker: this.#broker, topic, contentType: request.headers['content-type'] })
      membership.open()
    })
  }

  async #openMulti(request: IncomingMessage, socket: Duplex, head: Buffer, target: BrokerTarget): Promise<void> {
    const outlet = this.#outlet('named-frame', socket, () => subscriptions.leave())
    const subscriptions = new Subscriptions(this.#broker, this.#fanOut, outlet)
    socket.once('close', () => subscriptions.leave())
    if (target.topic !== '') await subscriptions.subscribe(target.topic, target.queue)
    if (socket.destroyed) return subscriptions.leave()
    this.#webSockets.accept(request, socket, head, (webSocket) => {
      outlet.open(webSocket)
      multiSocket(webSocket, outlet, subscriptions)
      subscriptions.open()
    })
  }

  #outlet(form: SocketOutlet['form'], socket: Duplex, closed: () => void): SocketOutlet {
    const drained = (outlet: Outlet) => this.#broker.brakes.release(outlet)
    return new SocketOutlet(form, socket, this.#options.subscriberBuffer, { drained, closed })
  }
}

function offers({ headers }: IncomingMessage, protocol: string): boolean {
  return (headers['sec-websocket-protocol'] ?? '').split(',').some((one) => one.trim() === protocol)
}
