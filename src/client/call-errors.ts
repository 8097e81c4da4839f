import { MicroError, wordsOf } from '../errors.js'
import type { TransportError } from '../transport/transport.js'
import type { CallProgress, ClientCall } from './call.js'
import type { ServiceEntry } from './service-entry.js'
import type { ServiceNode } from './service-node.js'

const id = 'go.micro.client'

export function unknownService(call: ClientCall, registry: string): MicroError {
  const detail = `service ${call.service} not found: the ${registry} registry has no node under that name`
  return new MicroError(id, 404, detail, { reason: 'unknown_service', retryable: true })
}

export function noNode(call: ClientCall, entry: ServiceEntry, reached: boolean): MicroError {
  const { version, split } = call.settings
  const wanted = version === undefined ? '' : ` of version ${version}`
  const shared = split === undefined ? '' : ` of the versions ${[...split.keys()].join(', ')}`
  const filter = call.nodeFilter === undefined ? '' : ' that the node filter of a middleware lets through'
  const idle = entry.nodes.filter(({ weight }) => weight === 0).length
  const found = `${entry.nodes.length} registered${idle === 0 ? '' : `, ${idle} of them with the weight 0`}`
  const detail = `no node${wanted}${shared}${filter} for ${call.service}: ${found}`
  return new MicroError(id, 503, detail, { reason: 'no_node', retryAfter: 1, retryable: !reached })
}

export function registryFailed(call: ClientCall, registry: string, cause: unknown): MicroError {
  const why = wordsOf(cause)
  const detail = `the ${registry} registry could not be asked for ${call.service}: ${why}`
  return new MicroError(id, 503, detail, { reason: 'no_node', retryAfter: 1, retryable: true, cause })
}

export function overloaded(call: ClientCall): MicroError {
  const { maxInFlight } = call.settings
  const detail = `${call.label} on ${call.service}: ${maxInFlight} calls of it are in flight (client.maxInFlight)`
  return new MicroError(id, 503, detail, { reason: 'overload', retryAfter: 1, retryable: true })
}

export function timedOut(call: ClientCall, { attempts, node, reached }: CallProgress): MicroError {
  const where = node === undefined ? 'no node was tried' : `last tried ${describe(node)}`
  const detail = `${call.label} on ${call.service}: no answer within ${Math.round(call.timeout)} ms (${where}, ${count(attempts)})`
  return new MicroError(id, timeoutCode(call), detail, { reason: 'timeout', retryable: !reached })
}

/** Its last attempt, at `node`, brought no answer. */
export function attemptFailed(
  call: ClientCall,
  node: ServiceNode,
  { attempts, reached }: Pick<CallProgress, 'attempts' | 'reached'>,
  error: TransportError,
): MicroError {
  const detail = `${call.label} on ${call.service}: ${error.message} (${describe(node)}, ${count(attempts)})`
  const why = { cause: error, retryable: !reached }
  if (error.kind === 'request') return new MicroError(id, 400, detail, { reason: 'bad_request', cause: error })
  if (!error.sent) return new MicroError(id, 502, detail, { reason: 'connect', ...why })
  if (error.kind === 'timeout') return new MicroError(id, timeoutCode(call), detail, { reason: 'timeout', ...why })
  return new MicroError(id, 502, detail, { reason: error.kind, ...why })
}

/** What a balancer, a node filter or a codec threw while it prepared a call. */
export function preparationFailed(error: unknown): MicroError {
  if (error instanceof MicroError) return error
  const why = wordsOf(error)
  return new MicroError(id, 500, `the call could not be prepared: ${why}`, { reason: 'internal', cause: error })
}

function timeoutCode({ handler }: ClientCall): number {
  return handler === 'rpc' ? 408 : 504
}

function describe(node: ServiceNode): string {
  const host = node.address.includes(':') ? `[${node.address}]` : node.address
  return `node ${node.id} at ${host}:${node.port}`
}

function count(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`
}
