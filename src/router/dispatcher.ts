import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { MicroError, wordsOf } from '../errors.js'
import type { Handler } from '../handlers/handler.js'
import type { UpgradeHandler } from '../handlers/upgrade.js'
import { type AdminGuardOptions, adminRefusal, holdsToken } from '../http/admin-guard.js'
import { callerOf } from '../http/caller.js'
import { answerPreflight, corsHeaders } from '../http/cors.js'
import { headerValue, without } from '../http/header-list.js'
import type { InFlight } from '../http/in-flight.js'
import { type Inbound, originForm } from '../http/inbound.js'
import { rawAnswer } from '../http/raw-answer.js'
import type { RequestHead } from '../http/request-head.js'
import type { ExpressStack } from '../middleware/express-stack.js'
import type { UpgradeRoute } from '../routes/web-sockets.js'

export type AdminApp = (request: IncomingMessage, response: ServerResponse) => void

export interface DispatcherOptions {
  /** Counts the calls of this configuration. */
  readonly inFlight: InFlight
  /** Counts those of the whole sidecar, which may be `mostInFlight`. */
  readonly whole: InFlight
  readonly mostInFlight: number
  readonly guard: AdminGuardOptions
  /** First path segments of the sidecar's own routes, those of plugins among them. */
  readonly fixed: ReadonlySet<string>
  readonly bodyLimit: number
  admin(): Promise<AdminApp>
  /** Answers `/health`, `/livez` and `/readyz`. */
  probe(path: string, response: ServerResponse): void
  /** Answers `/metrics`. */
  metrics(inbound: Inbound): void
  /** `/broker`. */
  broker(inbound: Inbound): void
  readonly rpc: Handler
  readonly handler: Handler
  readonly handlerName: string
  readonly stack: ExpressStack | undefined
  /** By first segment. */
  readonly upgradeRoutes: ReadonlyMap<string, UpgradeRoute>
  /** Of the proxy handler; the rpc handler has none. */
  readonly upgrade: UpgradeHandler | undefined
}

/** Open to everyone, for they are what load balancers ask. */
const probes: ReadonlySet<string> = new Set(['health', 'livez', 'readyz'])

const authorization: ReadonlySet<string> = new Set(['authorization'])

/** Looks at the first path segment: the sidecar's own routes, or the handler. */
export class Dispatcher {
  /** What is answered from now on tells its caller to use another connection next time. */
  leaving = false
  /** New calls are refused, probes are answered; what is in flight goes on. */
  refusing = false
  readonly #options: DispatcherOptions

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  onRequest(inbound: Inbound): void {
    const segment = firstSegment(inbound.target)
    const isFixed = this.#options.fixed.has(segment)
    inbound.handler = isFixed ? segment : this.#options.handlerName
    const isProbe = isFixed && probes.has(inbound.path.slice(1))
    const allow = corsHeaders(this.#options.guard.cors, inbound)
    if (allow !== undefined) {
      if (inbound.request.method === 'OPTIONS') return answerPreflight(inbound, allow)
      for (let i = 0; i < allow.length; i += 2) inbound.response.setHeader(allow[i] ?? '', allow[i + 1] ?? '')
    }
    if (this.leaving) inbound.response.shouldKeepAlive = false
    if (isProbe) return this.#onProbe(inbound)
    if (this.refusing) return inbound.fail(draining())
    if (this.#isOverloaded && (!isFixed || segment === 'rpc')) return inbound.fail(overload(this.#options.mostInFlight))
    inbound.enter(this.#options.inFlight)
    if (isFixed) this.#onFixed(segment, inbound)
    else this.#onTraffic(this.#options.handler, inbound)
  }

  /** One with a body has no use for another protocol, and neither have the rpc handler and Java's offer of `h2c`. */
  wantsUpgrade(request: IncomingMessage): boolean {
    const { headers } = request
    const token = (headers.upgrade ?? '').toLowerCase()
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) return false
    const segment = firstSegment(originForm(request.url ?? '/'))
    if (token === 'websocket' && this.#options.upgradeRoutes.has(segment)) return true
    return this.#options.upgrade !== undefined && !this.#options.fixed.has(segment) && token !== 'h2c'
  }

  /** Only what is wanted. */
  onUpgrade(request: IncomingMessage, socket: Socket, rest: Buffer, head: RequestHead): void {
    const route = this.#options.upgradeRoutes.get(firstSegment(originForm(request.url ?? '/')))
    if (route !== undefined) this.#onUpgradeRoute(route, request, socket, rest, head)
    else if (this.refusing) rawAnswer(socket, draining())
    else if (this.#isOverloaded) rawAnswer(socket, overload(this.#options.mostInFlight))
    else this.#options.upgrade?.handle(request, socket, rest, this.#options.stack)
  }

  get #isOverloaded(): boolean {
    return this.#options.whole.count >= this.#options.mostInFlight
  }

  #onProbe(inbound: Inbound): void {
    inbound.response.setHeader('x-request-id', inbound.id)
    this.#options.probe(inbound.path, inbound.response)
  }

  #onFixed(segment: string, inbound: Inbound): void {
    const refusal = probes.has(segment) ? undefined : this.#refusal(inbound.request, inbound.head)
    if (refusal !== undefined) return inbound.fail(refusal)
    if (segment === 'rpc') return this.#onTraffic(this.#options.rpc, inbound)
    if (segment === 'broker') return this.#options.broker(inbound)
    inbound.response.setHeader('x-request-id', inbound.id)
    if (segment === 'metrics') return this.#options.metrics(inbound)
    if (inbound.head.expectsContinue && (inbound.head.contentLength ?? 0) <= this.#options.bodyLimit) {
      inbound.writeContinue()
    }
    // Express mounts by the path, which an absolute-form target would hide.
    inbound.request.url = inbound.target
    this.#options.admin().then(
      (app) => app(inbound.request, inbound.response),
      (cause: unknown) =>
        inbound.fail(new MicroError('go.micro.sidecar', 500, wordsOf(cause), { reason: 'internal', cause })),
    )
  }

  #onTraffic(handler: Handler, inbound: Inbound): void {
    const { stack, guard } = this.#options
    if (guard.token !== undefined) keepToken(inbound, guard.token)
    if (stack === undefined) return handler.handle(inbound)
    const before = { ...inbound.request.headers }
    stack(inbound.request, inbound.response, () => {
      inbound.adopt(before)
      handler.handle(inbound)
    })
  }

  #onUpgradeRoute(
    route: UpgradeRoute,
    request: IncomingMessage,
    socket: Socket,
    rest: Buffer,
    head: RequestHead,
  ): void {
    const refusal = this.refusing ? draining() : this.#refusal(request, head)
    if (refusal === undefined) route.handle(request, socket, rest)
    else rawAnswer(socket, refusal)
  }

  #refusal(request: IncomingMessage, head: RequestHead): MicroError | undefined {
    // Not of `request.headers`, which would be built for this alone.
    const { rawHeaders, socket } = request
    return adminRefusal(this.#options.guard, {
      head,
      remoteAddress: callerOf(socket).address,
      origin: headerValue(rawHeaders, 'origin'),
      authorization: headerValue(rawHeaders, 'authorization'),
    })
  }
}

/** The admin token never travels on. */
function keepToken(inbound: Inbound, token: string): void {
  const { head } = inbound
  if (holdsToken(headerValue(head.headers, 'authorization'), token)) head.headers = without(head.headers, authorization)
}

function draining(): MicroError {
  const detail = 'this sidecar is shutting down and takes no new calls'
  return new MicroError('go.micro.sidecar', 503, detail, { reason: 'draining', retryAfter: 1 })
}

function overload(limit: number): MicroError {
  const detail = `this sidecar has ${limit} calls in flight and takes no more at once (limits.inFlight)`
  return new MicroError('go.micro.sidecar', 503, detail, { reason: 'overload', retryAfter: 1 })
}

function firstSegment(target: string): string {
  for (let i = 1; i < target.length; i++) {
    const code = target.charCodeAt(i)
    if (code === 0x2f || code === 0x3f) return target.slice(1, i)
  }
  return target.slice(1)
}
