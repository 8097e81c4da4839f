import { ServiceNode } from '../client/service-node.js'
import { MicroError } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import { readBody } from '../http/read-body.js'
import type { Registry } from '../registry/registry.js'
import type { Handler } from './handler.js'
import { callThrough, type RpcRoom } from './rpc.js'
import { parseRpcRequest, type RpcRequest } from './rpc-request.js'

const id = 'go.micro.rpc'

/** `POST /rpc`: service and method by name, a single node by `address`. */
export function rpcEndpoint(room: RpcRoom): Handler {
  return {
    handle(inbound) {
      if (inbound.request.method !== 'POST') {
        return inbound.fail(new MicroError(id, 405, 'Method not allowed', { reason: 'bad_request' }))
      }
      read(room, inbound).then(
        (call) => callThrough(room, inbound, call),
        (error: unknown) => inbound.fail(asMicroError(error)),
      )
    },
  }
}

async function read(room: RpcRoom, inbound: Inbound): Promise<Parameters<typeof callThrough>[2]> {
  const { limits, rpc } = room.settings
  if (inbound.head.expectsContinue && (inbound.head.contentLength ?? 0) <= limits.body) inbound.response.writeContinue()
  const body = await readBody(inbound.request, limits.body)
  const request = parseRpcRequest(inbound.request.headers['content-type'], body)
  const call = { ...request, contentType: 'application/json', fallbackId: id }
  if (request.address === undefined) return call
  return { ...call, node: await nodeAt(room.client.registry, request, request.address, rpc.addresses === 'any') }
}

/** `address` would let any caller reach any host: only nodes of the named service are called unless the configuration opens it. */
async function nodeAt(
  registry: Registry,
  request: RpcRequest,
  { address, port }: NonNullable<RpcRequest['address']>,
  any: boolean,
): Promise<ServiceNode> {
  for (const service of await registry.getService(request.service)) {
    const node = service.nodes.find((one) => one.address === address && one.port === port)
    if (node !== undefined) return new ServiceNode(node, service.version)
  }
  if (any) return new ServiceNode({ id: `${address}:${port}`, address, port, metadata: {} }, '')
  const detail = `${address}:${port} is no registered node of ${request.service} (rpc.addresses: 'any' opens this)`
  throw new MicroError(id, 403, detail, { reason: 'forbidden' })
}

function asMicroError(error: unknown): MicroError {
  if (error instanceof MicroError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new MicroError(id, 500, `error during request: ${why}`, { reason: 'internal', cause: error })
}
