import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Server, Socket } from 'socket.io'
import type { CheckedBroker } from '../../broker/checked-broker.js'
import type { FanOut } from '../../broker/fan-out.js'
import type { Outlet } from '../../broker/outlet.js'
import type { Inbound } from '../../http/inbound.js'
import { rawAnswer } from '../../http/raw-answer.js'
import { PacketOutlet } from './packet-outlet.js'
import { obeyPackets } from './packets.js'
import { asMicroError } from './refusals.js'
import { Subscriptions } from './subscriptions.js'

export interface SocketIoOptions {
  /** Bytes of a packet that a client sends. */
  readonly frame: number
  readonly subscriberBuffer: number
}

/** Where socket.io's clients find it; its namespace is `/broker`. */
export const socketIoPath = '/broker/socket.io'

const drainTimeout = 1000

/** Subscribers by socket.io, which is loaded with the first of them. */
export class SocketIo {
  readonly #broker: CheckedBroker
  readonly #fanOut: FanOut
  readonly #options: SocketIoOptions
  readonly #outlets = new Set<PacketOutlet>()
  readonly #sockets = new Set<Duplex>()
  #loaded: Promise<HttpServer> | undefined
  #server: Server | undefined
  #closed = false

  constructor(broker: CheckedBroker, fanOut: FanOut, options: SocketIoOptions) {
    this.#broker = broker
    this.#fanOut = fanOut
    this.#options = options
  }

  get isUsed(): boolean {
    return this.#outlets.size > 0 || this.#sockets.size > 0
  }

  onRequest(inbound: Inbound): void {
    const { request, response } = inbound
    response.setHeader('x-request-id', inbound.id)
    // A poll is open for as long as nothing happens: nobody waits for its end.
    if (request.method === 'GET') inbound.leave()
    request.url = inbound.target
    this.#front().then(
      (front) => front.emit('request', request, response),
      (error: unknown) => inbound.fail(asMicroError(error)),
    )
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer, target: string): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    request.url = target
    this.#front().then(
      (front) => front.emit('upgrade', request, socket, head),
      (error: unknown) => rawAnswer(socket, asMicroError(error)),
    )
  }

  close(): void {
    this.#closed = true
    for (const outlet of [...this.#outlets]) outlet.end(1001, 'the sidecar stops', drainTimeout)
    this.#server?.engine.close()
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, drainTimeout)
    timer.unref()
  }

  #front(): Promise<HttpServer> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  /** It wants a server to listen to; this one has no port, and is told of what is meant for it. */
  async #load(): Promise<HttpServer> {
    const { Server } = await import('socket.io')
    const front = createServer()
    this.#server = new Server(front, {
      path: socketIoPath,
      serveClient: false,
      maxHttpBufferSize: this.#options.frame,
      httpCompression: false,
      perMessageDeflate: false,
    })
    this.#server.of('/broker').on('connection', (socket) => this.#join(socket))
    return front
  }

  #join(socket: Socket): void {
    const drained = (outlet: Outlet) => this.#broker.brakes.release(outlet)
    const outlet = new PacketOutlet(socket, this.#options.subscriberBuffer, { drained, closed: leave })
    const subscriptions = new Subscriptions(this.#broker, this.#fanOut, outlet)
    const outlets = this.#outlets.add(outlet)
    subscriptions.open()
    obeyPackets(socket, outlet, subscriptions)
    socket.on('disconnect', leave)
    if (this.#closed) outlet.end(1001, 'the sidecar stops', drainTimeout)

    function leave(): void {
      outlets.delete(outlet)
      subscriptions.leave()
    }
  }
}
