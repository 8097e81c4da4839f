import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ClientCall } from '../client/call.js'
import { noNode, preparationFailed, unknownService } from '../client/call-errors.js'
import { chooseNode } from '../client/choice.js'
import type { ServiceNode } from '../client/service-node.js'
import type { MicroError } from '../errors.js'
import { pushForwardingHeaders } from '../http/forwarding.js'
import { Inbound } from '../http/inbound.js'
import type { ExpressStack } from '../middleware/express-stack.js'
import { flatHeaders } from '../middleware/header-record.js'
import { RequestContext } from '../middleware/request-context.js'
import { mapProxy } from '../router/mapping.js'
import { forwardUpgrade, type Upgrade } from '../transport/upgrade.js'
import type { HandlerRoom } from './handler.js'
import { beforeCall, fail } from './middleware-run.js'
import { noService } from './proxy.js'
import { serviceSettings } from './service-settings.js'

/** WebSocket and other upgrades through the proxy: the same middleware, discovery and choice, another engine. */
export class UpgradeHandler {
  readonly #room: HandlerRoom
  readonly #open = new Set<Upgrade>()
  readonly #onEnd: (inbound: Inbound) => void

  /** `onEnd` hears of every upgrade that has ended, for the access log. */
  constructor(room: HandlerRoom, onEnd: (inbound: Inbound) => void) {
    this.#room = room
    this.#onEnd = onEnd
  }

  handle(request: IncomingMessage, socket: Socket, rest: Buffer, stack: ExpressStack | undefined): void {
    const response = responseOn(request, socket)
    const inbound = new Inbound(request, response)
    if (stack === undefined) this.#route(inbound, socket, rest)
    else {
      const before = { ...request.headers }
      stack(request, response, () => {
        inbound.adopt(before)
        this.#route(inbound, socket, rest)
      })
    }
  }

  /** Ends what is open: WebSockets with a close frame of that code. */
  close(code: number): void {
    for (const handle of this.#open) handle.close(code)
  }

  #route(inbound: Inbound, socket: Socket, rest: Buffer): void {
    const { settings, pipeline } = this.#room
    const service = mapProxy(inbound.path, settings.namespace)
    if (service === undefined) return inbound.fail(noService(inbound, settings.namespace))
    inbound.service = service
    if (pipeline.isEmpty) return this.#discover(inbound, undefined, socket, rest)
    const context = new RequestContext(inbound, 'proxy', service, '', serviceSettings(settings, service).timeout)
    beforeCall(pipeline, context, inbound, () => {
      inbound.service = context.service
      this.#discover(inbound, context, socket, rest)
    })
  }

  #discover(inbound: Inbound, context: RequestContext | undefined, socket: Socket, rest: Buffer): void {
    const { client, pipeline } = this.#room
    const call = this.#call(inbound, context)
    const stop = (error: MicroError) => fail(pipeline, context, inbound, error)
    Promise.resolve(client.discovery.find(inbound.service))
      .then((entry) => {
        if (entry === undefined) return stop(unknownService(call, client.registry.name))
        const node = chooseNode(client.balancer(inbound.service), entry, call, [])
        if (node === undefined) return stop(noNode(call, entry))
        inbound.node = node.id
        this.#forward(inbound, call, context, node, socket, rest)
      })
      .catch((error: unknown) => stop(preparationFailed(error)))
  }

  #forward(
    inbound: Inbound,
    call: ClientCall,
    context: RequestContext | undefined,
    node: ServiceNode,
    socket: Socket,
    rest: Buffer,
  ): void {
    if (socket.destroyed) return
    inbound.response.detachSocket(socket)
    const { headers } = inbound.head
    const sent = context === undefined ? [...headers] : flatHeaders(headers, context.headers)
    pushForwardingHeaders(sent, inbound)
    node.inFlight++
    inbound.attempts = 1
    const handle = forwardUpgrade({
      request: inbound.request,
      socket,
      head: rest,
      target: node,
      path: inbound.target,
      headers: sent,
      connectTimeout: call.settings.connectTimeout,
      headTimeout: call.settings.timeout,
      idleTimeout: call.settings.idleTimeout,
      onDone: (outcome) => {
        node.inFlight--
        this.#open.delete(handle)
        inbound.error = outcome.error === undefined ? '' : outcome.error.kind
        inbound.status = outcome.status ?? 502
        this.#onEnd(inbound)
      },
    })
    this.#open.add(handle)
  }

  #call(inbound: Inbound, context: RequestContext | undefined): ClientCall {
    const settings = serviceSettings(this.#room.settings, inbound.service)
    return {
      service: inbound.service,
      label: `upgrade ${inbound.path.slice(0, 200)}`,
      settings,
      timeout: settings.timeout,
      timeoutCode: 504,
      idempotent: false,
      node: undefined,
      remoteAddress: inbound.caller.address,
      nodeFilter: context?.nodeFilter,
      wire: () => ({ method: 'GET', path: inbound.target, headers: [], body: null }),
    }
  }
}

/** A response to answer with while the upgrade has not been handed on. */
function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => {
    if (response.socket !== null) response.detachSocket(socket)
    socket.end()
  })
  return response
}
