import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CheckedBroker } from '../../broker/checked-broker.js'
import { FanOut } from '../../broker/fan-out.js'
import type { MicroError } from '../../errors.js'
import { type Inbound, originForm } from '../../http/inbound.js'
import { rawAnswer } from '../../http/raw-answer.js'
import { takeBody } from '../../http/take-body.js'
import type { UpgradeRoute } from '../web-sockets.js'
import { EventStreams } from './events.js'
import { messageHeader } from './message-header.js'
import { asMicroError, id, refusal } from './refusals.js'
import { SocketIo } from './socket-io.js'
import { Sockets, type SocketsOptions } from './sockets.js'
import { brokerTarget } from './target.js'

export interface BrokerRouteOptions extends SocketsOptions {
  /** Bytes of a published body. */
  readonly body: number
  /** Bytes of a frame that a subscriber sends. */
  readonly frame: number
  /** Bytes that may wait for one subscriber. */
  readonly subscriberBuffer: number
  /** Milliseconds between two pings of a WebSocket. */
  readonly pingInterval?: number
  /** Milliseconds without a word of a WebSocket after which it is cut. */
  readonly readTimeout?: number
  /** Milliseconds between two comments in server-sent events. */
  readonly heartbeat?: number
}

const subscribeBy = 'subscribe by a WebSocket, or with Accept: text/event-stream'

/** `/broker`: publish by POST; subscribe by WebSocket or server-sent events. */
export class BrokerRoute implements UpgradeRoute {
  readonly #broker: CheckedBroker
  readonly #body: number
  readonly #sockets: Sockets
  readonly #events: EventStreams
  readonly #socketIo: SocketIo

  constructor(broker: CheckedBroker, options: BrokerRouteOptions) {
    const fanOut = new FanOut(broker, options.subscriberBuffer)
    this.#broker = broker
    this.#body = options.body
    this.#sockets = new Sockets(broker, fanOut, options)
    this.#socketIo = new SocketIo(broker, fanOut, options)
    this.#events = new EventStreams(broker.brakes, fanOut, options)
  }

  onRequest(inbound: Inbound): void {
    try {
      this.#onRequest(inbound)
    } catch (error) {
      inbound.fail(asMicroError(error))
    }
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = originForm(request.url ?? '/')
    if (isRoot(target)) void this.#sockets.handle(request, socket, head, target)
    else if (isSocketIo(target)) this.#socketIo.handle(request, socket, head, target)
    else rawAnswer(socket, noRoute(target))
  }

  get isWatched(): boolean {
    return this.#sockets.isUsed || this.#events.isUsed || this.#socketIo.isUsed
  }

  close(): void {
    this.#sockets.close()
    this.#events.close()
    this.#socketIo.close()
  }

  #onRequest(inbound: Inbound): void {
    const { method } = inbound.request
    if (isSocketIo(inbound.target)) return this.#socketIo.onRequest(inbound)
    if (!isRoot(inbound.target)) throw noRoute(inbound.target)
    if (method !== 'POST' && method !== 'GET') {
      return inbound.fail(refusal(405, `${method} is not allowed at /broker`), ['Allow', 'GET, POST'])
    }
    const target = brokerTarget(inbound.target)
    if (method === 'POST') this.#take(inbound, target.topic)
    else if (wantsEvents(inbound.request.headers.accept)) {
      this.#events.subscribe(inbound, target).catch((error: unknown) => inbound.fail(asMicroError(error)))
    } else inbound.fail(refusal(426, subscribeBy), ['Upgrade', 'websocket'])
  }

  #take(inbound: Inbound, topic: string): void {
    const { brakes } = this.#broker
    const take = () => takeBody(inbound, this.#body, id, (body) => this.#publish(inbound, topic, body))
    // What waits in the caller's hands takes no memory here.
    if (brakes.hold(topic)) void brakes.released(topic).then(take)
    else take()
  }

  /** 200 once the broker has the message, and never otherwise. */
  async #publish(inbound: Inbound, topic: string, body: Buffer): Promise<void> {
    await this.#broker.publish(topic, { header: messageHeader(inbound.request.rawHeaders), body })
    const { response } = inbound
    if (response.destroyed) return
    response.writeHead(200, ['Content-Length', '0', 'x-request-id', inbound.id])
    response.end()
  }
}

function isRoot(target: string): boolean {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  return path === '/broker' || path === '/broker/'
}

function isSocketIo(target: string): boolean {
  return /^\/broker\/socket\.io\/(?:\?|$)/.test(target)
}

function wantsEvents(accept: string | undefined): boolean {
  return accept?.toLowerCase().includes('text/event-stream') === true
}

function noRoute(target: string): MicroError {
  const detail = `nothing is at ${target.slice(0, 100)}; topics are named by ?topic=NAME`
  return refusal(404, detail, 'no_route')
}
