import type { CallHandle, CallProgress, CallSink, ClientCall } from '../client/call.js'
import type { Client } from '../client/client.js'
import type { ServiceNode } from '../client/service-node.js'
import type { Codec, EncodedCall, RpcCall } from '../codec/codec.js'
import { selectCodec } from '../codec/select.js'
import type { ServiceSettings, ValueName } from '../config/settings.js'
import { MicroError, pluginFailed, wordsOf } from '../errors.js'
import { hostPort } from '../http/address.js'
import { nanoseconds } from '../http/call-timeout.js'
import { requestValue } from '../http/request-value.js'
import type { Node } from '../registry/registry.js'
import type { WireRequest } from '../transport/transport.js'

export interface RpcRequest extends RpcCall {
  readonly settings: ServiceSettings
  /** `performance.now()`. */
  readonly startedAt: number
  /** Milliseconds. */
  readonly timeout: number
  /** What travels as metadata: flat, no hop-by-hop header, neither `Host` nor what the codec sets. */
  readonly metadata: readonly string[]
  /** The request-target that it came with; empty: none. */
  readonly target: string
  readonly remoteAddress: string | undefined
  readonly nodeFilter: ((node: Node) => boolean) | undefined
  /** Called without discovery. */
  readonly node: ServiceNode | undefined
  /** Bytes of an answer. */
  readonly limit: number
}

export type RpcDone = (result: Uint8Array | MicroError, progress: CallProgress) => void

/** One RPC: encoded for the node that is picked, its answer read whole and decoded. `done` is called once. */
export class RpcExchange implements ClientCall, CallSink {
  readonly service: string
  readonly settings: ServiceSettings
  readonly timeout: number
  readonly handler = 'rpc'
  readonly startedAt: number
  readonly remoteAddress: string | undefined
  readonly nodeFilter: ((node: Node) => boolean) | undefined
  readonly node: ServiceNode | undefined
  readonly #request: RpcRequest
  readonly #codecs: ReadonlyMap<string, Codec>
  readonly #done: RpcDone
  #codec: Codec | undefined
  #progress: CallProgress = { attempts: 0, node: undefined, reached: false }
  #handle: CallHandle | undefined
  #status = 0
  #headers: readonly string[] = []
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(request: RpcRequest, codecs: ReadonlyMap<string, Codec>, done: RpcDone) {
    this.service = request.service
    this.settings = request.settings
    this.startedAt = request.startedAt
    this.timeout = request.timeout
    this.remoteAddress = request.remoteAddress
    this.nodeFilter = request.nodeFilter
    this.node = request.node
    this.#request = request
    this.#codecs = codecs
    this.#done = done
  }

  get idempotent(): boolean {
    return this.settings.idempotent.includes('POST')
  }

  get label(): string {
    return this.#request.method
  }

  value(kind: ValueName['kind'], name: string): string | undefined {
    return requestValue(kind, name, this.#request.metadata, this.#request.target)
  }

  start(client: Client): CallHandle {
    this.#handle = client.send(this, this)
    return this.#handle
  }

  wire(node: ServiceNode, attempt: number, remaining: number): WireRequest {
    const protocol = this.settings.protocol ?? node.metadata.protocol
    const codec = this.#codecs.get(protocol ?? '') ?? selectCodec(protocol, this.#request.contentType)
    if (codec === undefined) throw unsupported(this.#request.contentType, protocol)
    const encoded = encode(codec, this.#request)
    this.#codec = codec
    const headers = ['Host', hostPort(node.address, node.port)].concat(this.#request.metadata, encoded.headers)
    headers.push('Timeout', nanoseconds(remaining), 'micro-attempt', String(attempt))
    return { method: 'POST', path: encoded.path, headers, body: encoded.body }
  }

  onInformation(): void {}

  onHead(status: number, headers: string[], _reason: string, progress: CallProgress): void {
    this.#status = status
    this.#headers = headers
    this.#progress = progress
  }

  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    this.#chunks.push(chunk)
    if (this.#bytes <= this.#request.limit) return true
    this.#handle?.abort()
    this.#chunks = []
    this.#done(tooLarge(this.#request), this.#progress)
    return false
  }

  /** go-micro 1.0 closes its connection after every error, without `Connection: close`: the next call would be reset. */
  onEnd(): boolean {
    const result = this.#decode()
    this.#done(result, this.#progress)
    return !(result instanceof MicroError)
  }

  onError(error: MicroError, progress: CallProgress): void {
    this.#done(error, progress)
  }

  #decode(): Uint8Array | MicroError {
    const [first] = this.#chunks
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    try {
      if (this.#codec === undefined) throw new Error('no codec encoded the call')
      return bytes(this.#codec.decode({ status: this.#status, headers: this.#headers, body }, this.#request))
    } catch (error) {
      return error instanceof MicroError ? error : undecodable(error, this.#request)
    }
  }
}

function encode(codec: Codec, request: RpcRequest): EncodedCall {
  try {
    const encoded = codec.encode(request)
    bytes(encoded?.body ?? encoded)
    return encoded
  } catch (error) {
    throw pluginFailed(`codec ${codec.name}`, error)
  }
}

/** A plugin's codec is held to no type: what it hands back must be bytes, and not a promise of them. */
function bytes(given: unknown): Uint8Array {
  if (given instanceof Uint8Array) return given
  if (given instanceof Promise) given.catch(ignore)
  throw new TypeError(`the codec gave ${given instanceof Promise ? 'a promise' : typeof given} in place of bytes`)
}

function ignore(): void {}

function unsupported(contentType: string, protocol: string | undefined): MicroError {
  const detail = `no codec for ${contentType} on a node with protocol ${protocol ?? '(none)'}`
  return new MicroError('go.micro.client', 415, detail, { reason: 'bad_request' })
}

function tooLarge(request: RpcRequest): MicroError {
  const detail = `${request.method} on ${request.service}: the answer is larger than ${request.limit} bytes (limits.body)`
  return new MicroError('go.micro.client', 502, detail, { reason: 'protocol' })
}

function undecodable(cause: unknown, request: RpcRequest): MicroError {
  const why = wordsOf(cause)
  const detail = `${request.method} on ${request.service}: the answer cannot be decoded: ${why}`
  return new MicroError('go.micro.client', 502, detail, { reason: 'protocol', cause })
}
