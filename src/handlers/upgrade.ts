import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { InFlight } from '../http/in-flight.js'
import { Inbound } from '../http/inbound.js'
import type { ExpressStack } from '../middleware/express-stack.js'
import { RequestContext } from '../middleware/request-context.js'
import { mapProxy } from '../router/mapping.js'
import type { HandlerRoom } from './handler.js'
import { beforeCall } from './middleware-run.js'
import { noService } from './proxy.js'
import { serviceSettings } from './service-settings.js'
import { UpgradeRun, type UpgradeSockets } from './upgrade-run.js'

/** WebSocket and other upgrades through the proxy: the same middleware, discovery and choice, another engine. */
export class UpgradeHandler {
  readonly #room: HandlerRoom
  readonly #running = new Set<UpgradeRun>()
  readonly #inFlight: InFlight
  readonly #onEnd: (inbound: Inbound) => void

  /** `onEnd` hears of every upgrade that has ended, for the access log. */
  constructor(room: HandlerRoom, inFlight: InFlight, onEnd: (inbound: Inbound) => void) {
    this.#room = room
    this.#inFlight = inFlight
    this.#onEnd = onEnd
  }

  handle(request: IncomingMessage, socket: Socket, rest: Buffer, stack: ExpressStack | undefined): void {
    const response = responseOn(request, socket)
    const inbound = new Inbound(request, response)
    inbound.handler = 'proxy'
    inbound.enter(this.#inFlight)
    socket.once('close', () => {
      inbound.leave()
      this.#onEnd(inbound)
    })
    if (stack === undefined) this.#route(inbound, { socket, rest })
    else {
      const before = { ...request.headers }
      stack(request, response, () => {
        inbound.adopt(before)
        this.#route(inbound, { socket, rest })
      })
    }
  }

  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /** Ends what is open: WebSockets with a close frame of that code. */
  close(code: number): void {
    for (const run of this.#running) run.close(code)
  }

  #route(inbound: Inbound, sockets: UpgradeSockets): void {
    const { settings, pipeline } = this.#room
    const service = mapProxy(inbound.path, settings.namespace)
    if (service === undefined) return inbound.fail(noService(inbound, settings.namespace))
    inbound.service = service
    if (pipeline.isEmpty) return this.#start(inbound, undefined, sockets)
    const context = new RequestContext(inbound, 'proxy', service, '', serviceSettings(settings, service).timeout)
    beforeCall(pipeline, context, inbound, () => {
      inbound.service = context.service
      this.#start(inbound, context, sockets)
    })
  }

  #start(inbound: Inbound, context: RequestContext | undefined, sockets: UpgradeSockets): void {
    const run = new UpgradeRun(this.#room, inbound, context, sockets)
    this.#running.add(run)
    sockets.socket.once('close', () => this.#running.delete(run))
    run.start()
  }
}

/** A response to answer with while the upgrade has not been handed on. */
function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('error', () => socket.destroy())
  response.on('finish', () => {
    if (response.socket !== null) response.detachSocket(socket)
    socket.end()
  })
  return response
}
