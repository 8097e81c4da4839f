import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Node } from '../registry/registry.js'

/** One request on its way, as middleware sees it. */
export interface Context {
  /** The request id: the caller's `x-request-id`, else a new one. */
  readonly id: string
  /** The request-target as it came. */
  readonly url: string
  readonly httpMethod: string
  /** The peer's IP address. */
  readonly remoteAddress: string
  readonly request: IncomingMessage
  readonly handler: 'rpc' | 'proxy'
  /** Full service name. Writable: the call goes to what stands here after the last `onRequest`. */
  service: string
  /** `Say.Hello`; in proxy mode the HTTP method's twin is `httpMethod` and this is empty. Writable in rpc mode. */
  method: string
  /** What travels on to the node, names in lower case. Writable; `undefined` removes. Hop-by-hop headers never travel. */
  headers: Record<string, string | readonly string[] | undefined>
  /** Milliseconds for the whole call. A larger value than the configured one changes nothing. */
  timeout: number
  /** Only nodes for which it returns true are called. */
  nodeFilter: ((node: Node) => boolean) | undefined
  /** The request's own notes, for middleware to talk to each other. */
  readonly state: Map<unknown, unknown>
  /** Only from `onResponse` on. `headers` has names in lower case and may be changed before they go out. */
  readonly response: ContextResponse | undefined
  /** Answers in place of the node. An object is sent as JSON. Later `onRequest` moments are not run. */
  answer(status: number, body?: string | Uint8Array | object | null, headers?: Record<string, string>): void
}

export interface ContextResponse {
  status: number
  headers: Record<string, string | readonly string[] | undefined>
}

/**
 * A named middleware with up to three moments. `onRequest` runs in the order of the list, `onResponse` and `onError`
 * in reverse. Each may be async. What one throws becomes a 500 that names it (a MicroError is answered as it is).
 */
export interface MomentMiddleware {
  readonly name: string
  onRequest?(context: Context): void | Promise<void>
  /** When the head of the answer is known, before it is sent. */
  onResponse?(context: Context): void | Promise<void>
  /** Returns another error to answer with that one instead. */
  onError?(context: Context, error: Error): Error | void | Promise<Error | void>
}

/** A plain Express function. It runs before the named middleware of the list that stand behind it. */
export type ExpressMiddleware = {
  // A method's parameters are bivariant, so Express's own handler types fit without this package depending on them.
  handle(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown
}['handle']

export type Middleware = MomentMiddleware | ExpressMiddleware
