import type { ServiceNode } from '../client/service-node.js'
import type { Codec } from '../codec/codec.js'
import { isJson, isProtobuf, mediaType } from '../codec/media-type.js'
import { MicroError } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import { takeBody } from '../http/take-body.js'
import { checkJson } from '../json/check-json.js'
import { RequestContext } from '../middleware/request-context.js'
import { mapRpc, rpcPathForm } from '../router/mapping.js'
import { RouteCache } from '../router/route-cache.js'
import type { Handler, HandlerRoom } from './handler.js'
import { beforeCall, fail } from './middleware-run.js'
import { answerResult } from './rpc-answer.js'
import { RpcExchange, type RpcRequest } from './rpc-call.js'
import { metadataOf } from './rpc-metadata.js'
import { serviceSettings } from './service-settings.js'

const emptyObject = Buffer.from('{}')

export interface RpcRoom extends HandlerRoom {
  /** Codecs of plugins, by the node metadata `protocol` that asks for them. */
  readonly codecs: ReadonlyMap<string, Codec>
}

/** `POST /greeter/say/hello` calls `Say.Hello` of the service that the path names. */
export function rpcHandler(room: RpcRoom): Handler {
  const routes = new RouteCache((path) => mapRpc(path, room.settings.namespace))
  return {
    handle(inbound) {
      const refusal = refuse(inbound)
      if (refusal !== undefined) return inbound.fail(refusal, ['Allow', 'POST'])
      const target = routes.find(inbound.path)
      if (target === undefined) return inbound.fail(noRoute(inbound))
      const contentType = mediaType(inbound.head.contentType)
      if (!isJson(contentType) && !isProtobuf(contentType)) return inbound.fail(unsupportedType())
      takeBody(inbound, room.settings.limits.body, 'go.micro.api', (body) =>
        callThrough(room, inbound, {
          service: target.service,
          method: target.method,
          contentType,
          body: checked(body, contentType),
        }),
      )
    },
  }
}

/** A call whose body is read: middleware, the call, the answer. `/rpc` comes in here too. */
export function callThrough(room: RpcRoom, inbound: Inbound, call: CallParts): void {
  inbound.service = call.service
  inbound.method = call.method
  const { timeout } = serviceSettings(room.settings, call.service)
  const asked = inbound.head.timeout ?? timeout
  if (room.pipeline.isEmpty) return send(room, inbound, call, undefined)
  const context = new RequestContext(inbound, 'rpc', call.service, call.method, Math.min(asked, timeout))
  beforeCall(room.pipeline, context, inbound, () => send(room, inbound, call, context))
}

export interface CallParts {
  readonly service: string
  readonly method: string
  readonly contentType: string
  readonly body: Uint8Array
  /** Called without discovery. */
  readonly node?: ServiceNode
  /** The `id` of an error that has none of its own. */
  readonly fallbackId?: string
}

function send(room: RpcRoom, inbound: Inbound, call: CallParts, context: RequestContext | undefined): void {
  const service = context?.service ?? call.service
  const method = context?.method ?? call.method
  const settings = serviceSettings(room.settings, service)
  inbound.service = service
  inbound.method = method
  const request: RpcRequest = {
    service,
    method,
    contentType: call.contentType,
    body: call.body,
    node: call.node,
    settings,
    startedAt: context?.startedAt ?? performance.now(),
    timeout: Math.min(settings.timeout, inbound.head.timeout ?? settings.timeout, context?.timeout ?? settings.timeout),
    metadata: metadataOf(inbound, context),
    target: inbound.target,
    remoteAddress: inbound.caller.address,
    nodeFilter: context?.nodeFilter,
    limit: room.settings.limits.body,
  }
  const exchange = new RpcExchange(request, room.codecs, (result, progress) => {
    inbound.attempts = progress.attempts
    inbound.node = progress.node?.id ?? ''
    if (result instanceof MicroError) fail(room.pipeline, context, inbound, named(result, call.fallbackId))
    else answerResult(room.pipeline, context, inbound, result, call.contentType)
  })
  inbound.call = exchange.start(room.client)
}

/** A service's plain error string gets the id of the path that it came through. */
function named(error: MicroError, fallbackId: string | undefined): MicroError {
  if (fallbackId === undefined || error.id !== 'go.micro.api') return error
  return new MicroError(fallbackId, error.code, error.detail, error)
}

function refuse(inbound: Inbound): MicroError | undefined {
  if (inbound.request.method === 'POST') return undefined
  return new MicroError('go.micro.api', 405, 'Method not allowed', { reason: 'bad_request' })
}

/** The request as bytes, checked and never re-encoded: numbers of any length keep their digits. Throws MicroError. */
function checked(body: Buffer, contentType: string): Buffer {
  if (!isJson(contentType)) return body
  if (isBlank(body)) return emptyObject
  const fault = checkJson(body)
  if (fault === undefined) return body
  const detail = `the request body is not well-formed JSON: ${fault.message} at byte ${fault.offset}`
  throw new MicroError('go.micro.api', 400, detail, { reason: 'bad_request' })
}

function isBlank(body: Buffer): boolean {
  const [first] = body
  return first !== 0x7b && body.every((byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
}

function unsupportedType(): MicroError {
  const detail = 'unsupported content-type: send application/json, application/protobuf or application/proto'
  return new MicroError('go.micro.api', 415, detail, { reason: 'bad_request' })
}

function noRoute(inbound: Inbound): MicroError {
  const detail = `${inbound.path.slice(0, 100)} names no method: ${rpcPathForm}`
  return new MicroError('go.micro.api', 404, detail, { reason: 'no_route' })
}
