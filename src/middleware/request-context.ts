import type { IncomingMessage } from 'node:http'
import type { Inbound } from '../http/inbound.js'
import type { Node } from '../registry/registry.js'
import { type HeaderRecord, headerRecord } from './header-record.js'
import type { Context, ContextResponse } from './middleware.js'

export interface Answer {
  readonly status: number
  readonly body: string | Uint8Array | object | null
  readonly headers: Readonly<Record<string, string>>
}

/** The context of one request. Made only where named middleware is configured. */
export class RequestContext implements Context {
  readonly id: string
  readonly url: string
  readonly httpMethod: string
  readonly remoteAddress: string
  readonly request: IncomingMessage
  readonly handler: 'rpc' | 'proxy'
  /** `performance.now()`: what middleware takes is a part of `timeout`. */
  readonly startedAt = performance.now()
  readonly state = new Map<unknown, unknown>()
  service: string
  method: string
  headers: HeaderRecord
  timeout: number
  nodeFilter: ((node: Node) => boolean) | undefined
  response: ContextResponse | undefined
  /** What a middleware answered in place of the node. */
  answered: Answer | undefined

  constructor(inbound: Inbound, handler: 'rpc' | 'proxy', service: string, method: string, timeout: number) {
    this.id = inbound.id
    this.url = inbound.request.url ?? '/'
    this.httpMethod = inbound.request.method ?? 'GET'
    this.remoteAddress = inbound.caller.address
    this.request = inbound.request
    this.handler = handler
    this.service = service
    this.method = method
    this.timeout = timeout
    this.headers = headerRecord(inbound.head.headers)
  }

  answer(status: number, body: Answer['body'] = null, headers: Record<string, string> = {}): void {
    this.answered = { status, body, headers }
  }
}
