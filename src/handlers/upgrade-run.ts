import type { Socket } from 'node:net'
import { Attempt } from '../client/attempt.js'
import type { CallProgress, ClientCall } from '../client/call.js'
import { entryOf } from '../client/call-entry.js'
import { attemptFailed, noNode, preparationFailed, timedOut } from '../client/call-errors.js'
import { chooseNode } from '../client/choice.js'
import { mishapOf, remedyFor } from '../client/retry-policy.js'
import type { ServiceEntry } from '../client/service-entry.js'
import type { ServiceNode } from '../client/service-node.js'
import { MicroError } from '../errors.js'
import { pushForwardingHeaders } from '../http/forwarding.js'
import type { Inbound } from '../http/inbound.js'
import { requestValue } from '../http/request-value.js'
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
    const { headers } = inbound.head
    const sent = context === undefined ? [...headers] : flatHeaders(headers, context.headers)
    this.#call = callOf(room, inbound, context, sent)
    pushForwardingHeaders(sent, inbound)
    this.#headers = sent
  }

  start(): void {
    const late = setTimeout(() => this.#fail(timedOut(this.#call, this.#progress)), this.#left)
    Promise.resolve(entryOf(this.#room.client, this.#call)).then((entry) => {
      clearTimeout(late)
      if (this.#inbound.response.writableEnded) return
      if (entry instanceof MicroError) this.#fail(entry)
      else this.#next(entry, () => noNode(this.#call, entry, false))
    })
  }

  /** Ends both sides; a WebSocket's caller is told the code. */
  close(code: number): void {
    if (this.#upgrade === undefined) this.#sockets.socket.destroy()
    else this.#upgrade.close(code)
  }

  get #left(): number {
    return this.#call.startedAt + this.#call.timeout - performance.now()
  }

  get #progress(): CallProgress {
    return { attempts: this.#inbound.attempts, node: this.#tried.at(-1), reached: false }
  }

  /** `refusal` words what is answered when there is no further node. */
  #next(entry: ServiceEntry, refusal: () => MicroError): void {
    const { client } = this.#room
    try {
      const node = chooseNode(client.balancer(this.#call.service), entry, this.#call, this.#tried)
      if (this.#left <= 0) this.#fail(timedOut(this.#call, this.#progress))
      else if (node === undefined) this.#fail(refusal())
      else this.#forward(entry, node)
    } catch (error) {
      this.#fail(preparationFailed(error))
    }
  }

  #forward(entry: ServiceEntry, node: ServiceNode): void {
    const inbound = this.#inbound
    const { socket, rest } = this.#sockets
    const { settings } = this.#call
    if (socket.destroyed) return
    inbound.response.detachSocket(socket)
    if (inbound.attempts++ > 0) entry.whole.counters.retries++
    inbound.node = node.id
    const outcome = this.#room.client.begin(entry, node, settings.breaker)
    const attempt = new Attempt(node, performance.now(), false, outcome, entry.whole.counters)
    const answerHeaders = ['x-request-id', inbound.id]
    inbound.pushOwnHeaders(answerHeaders)
    this.#upgrade = forwardUpgrade({
      request: inbound.request,
      socket,
      head: rest,
      target: node,
      path: inbound.target,
      headers: [...this.#headers, 'micro-attempt', String(inbound.attempts)],
      connectTimeout: settings.connectTimeout,
      headTimeout: this.#left,
      idleTimeout: settings.idleTimeout,
      answerHeaders,
      onHead: (status) => {
        inbound.status = status
        attempt.answer(status)
        // From here on bytes pass, and nothing of the configuration is asked any more.
        if (status === 101) inbound.leave()
      },
      onFailure: (error) => {
        attempt.fail(error)
        this.#onFailure(entry, node, error)
        return true
      },
      onDone: () => {
        attempt.settle('forget')
        attempt.release()
      },
    })
  }

  /** The socket is ours again. What never reached a node may go to another one. */
  #onFailure(entry: ServiceEntry, node: ServiceNode, error: TransportError): void {
    const inbound = this.#inbound
    this.#upgrade = undefined
    inbound.response.assignSocket(this.#sockets.socket)
    this.#tried = [...this.#tried, node]
    const refusal = () => attemptFailed(this.#call, node, { attempts: inbound.attempts, reached: error.sent }, error)
    if (remedyFor(mishapOf(error), 0, this.#call, false) === 'move') this.#next(entry, refusal)
    else this.#fail(refusal())
  }

  #fail(error: MicroError): void {
    fail(this.#room.pipeline, this.#context, this.#inbound, error)
  }
}

function callOf(
  room: HandlerRoom,
  inbound: Inbound,
  context: RequestContext | undefined,
  headers: readonly string[],
): ClientCall {
  const service = context?.service ?? inbound.service
  const settings = serviceSettings(room.settings, service)
  const { timeout } = settings
  return {
    service,
    label: `upgrade ${inbound.path.slice(0, 200)}`,
    settings,
    handler: 'proxy',
    startedAt: context?.startedAt ?? inbound.startedAt,
    timeout: Math.min(timeout, inbound.head.timeout ?? timeout, context?.timeout ?? timeout),
    idempotent: false,
    node: undefined,
    remoteAddress: inbound.caller.address,
    nodeFilter: context?.nodeFilter,
    value: (kind, name) => requestValue(kind, name, headers, inbound.target),
    wire: () => ({ method: 'GET', path: inbound.target, headers: [], body: null }),
  }
}
