import type { Socket } from 'node:net'
import type { ClientCall } from '../client/call.js'
import { attemptFailed, noNode, preparationFailed, unknownService } from '../client/call-errors.js'
import { chooseNode } from '../client/choice.js'
import type { ServiceEntry } from '../client/service-entry.js'
import type { ServiceNode } from '../client/service-node.js'
import type { MicroError } from '../errors.js'
import { pushForwardingHeaders } from '../http/forwarding.js'
import type { Inbound } from '../http/inbound.js'
import { flatHeaders } from '../middleware/header-record.js'
import type { RequestContext } from '../middleware/request-context.js'
import type { TransportError } from '../transport/transport.js'
import { forwardUpgrade, type Upgrade } from '../transport/upgrade.js'
import type { HandlerRoom } from './handler.js'
import { fail } from './middleware-run.js'
import { serviceSettings } from './service-settings.js'

export interface UpgradeSockets {
  readonly socket: Socket
  /** What came behind the request's head. */
  readonly rest: Buffer
}

/** One upgrade that middleware has let through: a node is found for it, and another one where the first cannot be reached. */
export class UpgradeRun {
  readonly #room: HandlerRoom
  readonly #inbound: Inbound
  readonly #context: RequestContext | undefined
  readonly #sockets: UpgradeSockets
  readonly #call: ClientCall
  readonly #headers: readonly string[]
  #tried: readonly ServiceNode[] = []
  #upgrade: Upgrade | undefined

  constructor(room: HandlerRoom, inbound: Inbound, context: RequestContext | undefined, sockets: UpgradeSockets) {
    this.#room = room
    this.#inbound = inbound
    this.#context = context
    this.#sockets = sockets
    this.#call = callOf(room, inbound, context)
    const { headers } = inbound.head
    const sent = context === undefined ? [...headers] : flatHeaders(headers, context.headers)
    pushForwardingHeaders(sent, inbound)
    this.#headers = sent
  }

  start(): void {
    const { client } = this.#room
    Promise.resolve(client.discovery.find(this.#call.service))
      .then((entry) => {
        if (entry === undefined) this.#fail(unknownService(this.#call, client.registry.name))
        else this.#next(entry, () => noNode(this.#call, entry))
      })
      .catch((error: unknown) => this.#fail(preparationFailed(error)))
  }

  /** Ends both sides; a WebSocket's caller is told the code. */
  close(code: number): void {
    if (this.#upgrade === undefined) this.#sockets.socket.destroy()
    else this.#upgrade.close(code)
  }

  /** `refusal` words what is answered when there is no further node. */
  #next(entry: ServiceEntry, refusal: () => MicroError): void {
    const { client } = this.#room
    const node = chooseNode(client.balancer(this.#call.service), entry, this.#call, this.#tried)
    if (node === undefined) this.#fail(refusal())
    else this.#forward(entry, node)
  }

  #forward(entry: ServiceEntry, node: ServiceNode): void {
    const inbound = this.#inbound
    const { socket, rest } = this.#sockets
    const { settings } = this.#call
    if (socket.destroyed) return
    inbound.response.detachSocket(socket)
    inbound.attempts++
    inbound.node = node.id
    node.inFlight++
    const answerHeaders = ['x-request-id', inbound.id]
    inbound.pushOwnHeaders(answerHeaders)
    this.#upgrade = forwardUpgrade({
      request: inbound.request,
      socket,
      head: rest,
      target: node,
      path: inbound.target,
      headers: this.#headers,
      connectTimeout: settings.connectTimeout,
      headTimeout: settings.timeout,
      idleTimeout: settings.idleTimeout,
      answerHeaders,
      onHead: (status) => {
        inbound.status = status
      },
      onFailure: (error) => {
        node.inFlight--
        this.#onFailure(entry, node, error)
        return true
      },
      onDone: () => {
        node.inFlight--
      },
    })
  }

  /** The socket is ours again. What never reached a node may go to another one. */
  #onFailure(entry: ServiceEntry, node: ServiceNode, error: TransportError): void {
    const inbound = this.#inbound
    this.#upgrade = undefined
    inbound.response.assignSocket(this.#sockets.socket)
    this.#tried = [...this.#tried, node]
    const refusal = () => attemptFailed(this.#call, node, inbound.attempts, error)
    try {
      if (error.sent || this.#tried.length > this.#call.settings.retries) this.#fail(refusal())
      else this.#next(entry, refusal)
    } catch (cause) {
      this.#fail(preparationFailed(cause))
    }
  }

  #fail(error: MicroError): void {
    fail(this.#room.pipeline, this.#context, this.#inbound, error)
  }
}

function callOf(room: HandlerRoom, inbound: Inbound, context: RequestContext | undefined): ClientCall {
  const service = context?.service ?? inbound.service
  const settings = serviceSettings(room.settings, service)
  return {
    service,
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
