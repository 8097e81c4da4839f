import type { Client } from '../client/client.js'
import { ServiceNode } from '../client/service-node.js'
import { MicroError } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import { takeBody } from '../http/take-body.js'
import type { Handler } from './handler.js'
import { callThrough, type RpcRoom } from './rpc.js'
import { parseRpcRequest, type RpcRequest } from './rpc-request.js'

const id = 'go.micro.rpc'

/** `POST /rpc`: service and method by name, a single node by `address`. */
export function rpcEndpoint(room: RpcRoom): Handler {
  return {
    handle(inbound) {
      if (inbound.request.method !== 'POST') {
        const error = new MicroError(id, 405, 'Method not allowed', { reason: 'bad_request' })
        return inbound.fail(error, ['Allow', 'POST'])
      }
      takeBody(inbound, room.settings.limits.body, id, (body) => call(room, inbound, body))
    },
  }
}

function call(room: RpcRoom, inbound: Inbound, body: Buffer): void | Promise<void> {
  const request = parseRpcRequest(inbound.head.contentType, body)
  const parts = { ...request, contentType: 'application/json', fallbackId: id }
  if (request.address === undefined) return callThrough(room, inbound, parts)
  return nodeAt(room.client, request, request.address, room.settings.rpc.addresses === 'any').then((node) =>
    callThrough(room, inbound, { ...parts, node }),
  )
}

/** `address` would let any caller reach any host: only nodes of the named service are called unless the configuration opens it. */
async function nodeAt(
  { registry, services }: Client,
  request: RpcRequest,
  { address, port }: NonNullable<RpcRequest['address']>,
  any: boolean,
): Promise<ServiceNode> {
  for (const service of await registry.getService(request.service)) {
    const node = service.nodes.find((one) => one.address === address && one.port === port)
    if (node === undefined) continue
    services.of(service.name)
    return new ServiceNode(node, service.version)
  }
  if (any) return new ServiceNode({ id: `${address}:${port}`, address, port, metadata: {} }, '')
  const detail = `${address}:${port} is no registered node of ${request.service} (rpc.addresses: 'any' opens this)`
  throw new MicroError(id, 403, detail, { reason: 'forbidden' })
}
