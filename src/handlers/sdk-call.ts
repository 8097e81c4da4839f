import type { Client } from '../client/client.js'
import type { Codec } from '../codec/codec.js'
import type { Settings } from '../config/settings.js'
import { MicroError } from '../errors.js'
import { requestId } from '../http/request-id.js'
import { RpcExchange, type RpcRequest } from './rpc-call.js'
import { serviceSettings } from './service-settings.js'

export interface CallOptions {
  /** Milliseconds for the whole call; the configured `client.timeout` is the most. */
  readonly timeout?: number
  /** Metadata of the call. */
  readonly headers?: Readonly<Record<string, string>>
  /** Ends the call; its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** As nginx says it. */
const callerLeft = 499

export interface SdkRoom {
  readonly client: Client
  readonly settings: Settings
  readonly codecs: ReadonlyMap<string, Codec>
  /** Ends every call, whatever its own options say. */
  readonly cut: AbortSignal
}

/** `sidecar.call()`: a value in, the result's value out; the same client as every other call. Rejects with MicroError. */
export async function sdkCall(
  room: SdkRoom,
  service: string,
  method: string,
  request: unknown,
  options: CallOptions,
): Promise<unknown> {
  refuse(service, method, options.signal)
  const settings = serviceSettings(room.settings, service)
  const call: RpcRequest = {
    service,
    method,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(request ?? {})),
    settings,
    startedAt: performance.now(),
    timeout: Math.min(settings.timeout, options.timeout ?? settings.timeout),
    metadata: ['x-request-id', requestId(undefined), ...Object.entries(options.headers ?? {}).flat()],
    target: '',
    remoteAddress: undefined,
    nodeFilter: undefined,
    node: undefined,
    limit: room.settings.limits.body,
  }
  const count = (code: number) =>
    room.client.services.find(service).request('sdk', code, performance.now() - call.startedAt)
  try {
    const value = parse(await result(room, call, options.signal))
    count(200)
    return value
  } catch (error) {
    count(error instanceof MicroError ? error.code : callerLeft)
    throw error
  }
}

function result(
  { client, codecs, cut }: SdkRoom,
  call: RpcRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const handle = new RpcExchange(call, codecs, (answer) => {
      cut.removeEventListener('abort', onAbort)
      signal?.removeEventListener('abort', onAbort)
      if (answer instanceof MicroError) reject(answer)
      else resolve(answer)
    }).start(client)
    cut.addEventListener('abort', onAbort, { once: true })
    signal?.addEventListener('abort', onAbort, { once: true })

    function onAbort(): void {
      cut.removeEventListener('abort', onAbort)
      signal?.removeEventListener('abort', onAbort)
      handle.abort()
      reject(cut.aborted ? cut.reason : signal?.reason)
    }
  })
}

function parse(result: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(result.buffer, result.byteOffset, result.byteLength).toString('utf8'))
  } catch (cause) {
    throw new MicroError('go.micro.client', 502, 'the result is not JSON', { reason: 'protocol', cause })
  }
}

/** In the words of `/rpc`. */
function refuse(service: string, method: string, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
  const empty = service === '' ? 'service' : method === '' ? 'method' : undefined
  if (empty !== undefined) throw new MicroError('go.micro.client', 400, `invalid ${empty}`, { reason: 'bad_request' })
}
