import type { CallHandle, ClientCall } from '../client/call.js'
import type { ServiceNode } from '../client/service-node.js'
import type { ServiceSettings, ValueName } from '../config/settings.js'
import { hostPort } from '../http/address.js'
import { nanoseconds } from '../http/call-timeout.js'
import { pushForwardingHeaders } from '../http/forwarding.js'
import type { Inbound } from '../http/inbound.js'
import { requestValue } from '../http/request-value.js'
import { takeBody, wholeBody } from '../http/take-body.js'
import { endToEndTrailers } from '../http/trailers.js'
import { flatHeaders } from '../middleware/header-record.js'
import type { RequestContext } from '../middleware/request-context.js'
import type { Node } from '../registry/registry.js'
import type { WireBody, WireRequest } from '../transport/transport.js'
import type { HandlerRoom } from './handler.js'
import { ProxyAnswer } from './proxy-answer.js'
import { serviceSettings } from './service-settings.js'

/** A body up to this size that came together with its head is sent as one piece. */
const onePacket = 16_384

/** A request on its way through the proxy. */
export class ProxyCall implements ClientCall {
  readonly service: string
  readonly settings: ServiceSettings
  readonly handler = 'proxy'
  readonly startedAt: number
  readonly timeout: number
  readonly node = undefined
  readonly remoteAddress: string
  readonly nodeFilter: ((node: Node) => boolean) | undefined
  readonly #room: HandlerRoom
  readonly #inbound: Inbound
  readonly #headers: string[]
  readonly #answer: ProxyAnswer
  #body: WireBody = null
  #handle: CallHandle | undefined

  constructor(room: HandlerRoom, inbound: Inbound, context: RequestContext | undefined) {
    this.#room = room
    this.#inbound = inbound
    this.service = context?.service ?? inbound.service
    this.settings = serviceSettings(room.settings, this.service)
    this.startedAt = context?.startedAt ?? inbound.startedAt
    this.timeout = Math.min(
      this.settings.timeout,
      inbound.head.timeout ?? this.settings.timeout,
      context?.timeout ?? this.settings.timeout,
    )
    this.remoteAddress = inbound.caller.address
    this.nodeFilter = context?.nodeFilter
    const { headers } = inbound.head
    this.#headers = context === undefined ? headers : flatHeaders(headers, context.headers)
    pushForwardingHeaders(this.#headers, inbound)
    this.#answer = new ProxyAnswer(room.pipeline, inbound, context, this.settings.idleTimeout)
  }

  get label(): string {
    return `${this.#inbound.request.method} ${this.#inbound.path.slice(0, 200)}`
  }

  get idempotent(): boolean {
    return this.settings.idempotent.includes(this.#inbound.request.method ?? '')
  }

  start(): void {
    const { head, request } = this.#inbound
    this.#inbound.call = this
    if (head.expectsContinue) this.#expectContinue()
    if (!head.hasBody) {
      this.#body = head.contentLength === 0 ? new Uint8Array(0) : null
      this.#send()
    } else if (this.#isKept(head.contentLength)) {
      takeBody(this.#inbound, this.settings.replayLimit, 'go.micro.client', (body) => this.#sendRead(body))
    } else if (head.contentLength !== undefined && head.contentLength <= onePacket && !head.expectsContinue) {
      // What came in the same packet as the head is here once Node's parser is through with it.
      const { contentLength } = head
      process.nextTick(() => this.#sendRead(wholeBody(request, contentLength)))
    } else this.#sendStream()
  }

  value(kind: ValueName['kind'], name: string): string | undefined {
    return requestValue(kind, name, this.#headers, this.#inbound.target)
  }

  /** The caller has left. */
  abort(): void {
    this.#handle?.abort()
  }

  /** The sidecar stops. */
  finish(): void {
    this.#answer.finish()
  }

  wire(node: ServiceNode, attempt: number, remaining: number): WireRequest {
    const headers = this.#headers.slice()
    if (this.#inbound.head.host === undefined) headers.push('Host', hostPort(node.address, node.port))
    if (this.#inbound.head.acceptsTrailers) headers.push('TE', 'trailers')
    headers.push('Timeout', nanoseconds(remaining), 'micro-attempt', String(attempt))
    return { method: this.#inbound.request.method ?? 'GET', path: this.#inbound.target, headers, body: this.#body }
  }

  /** Its body is read before it is sent, so that it can be sent again. */
  #isKept(length: number | undefined): boolean {
    const { replayLimit, retries } = this.settings
    if (length === undefined || length > replayLimit || retries === 0 || !this.idempotent) return false
    return !this.#inbound.head.expectsContinue
  }

  #sendRead(chunk: Buffer | null): void {
    if (this.#inbound.response.destroyed) return
    if (chunk === null) return this.#sendStream()
    this.#body = chunk
    this.#send()
  }

  #sendStream(): void {
    const { head, request } = this.#inbound
    this.#body = { length: head.contentLength, source: request, trailers: () => endToEndTrailers(request.rawTrailers) }
    this.#send()
  }

  #send(): void {
    this.#handle = this.#room.client.send(this, this.#answer)
    this.#answer.handle = this.#handle
  }

  /** Passed on where the transport can, so that the node decides; else the caller is told to go on. */
  #expectContinue(): void {
    if (this.#room.client.transport.passesExpect === true) this.#headers.push('Expect', '100-continue')
    else this.#inbound.writeContinue()
  }
}
