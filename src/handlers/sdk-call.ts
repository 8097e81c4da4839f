import type { Client } from '../client/client.js'
import type { Codec } from '../codec/codec.js'
import type { Settings } from '../config/settings.js'
import { MicroError } from '../errors.js'
import { requestId } from '../http/request-id.js'
import { RpcExchange } from './rpc-call.js'
import { serviceSettings } from './service-settings.js'

export interface CallOptions {
  /** Milliseconds for the whole call; the configured `client.timeout` is the most. */
  readonly timeout?: number
  /** Metadata of the call. */
  readonly headers?: Readonly<Record<string, string>>
  /** Ends the call; its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** `sidecar.call()`: a value in, the result's value out; the same client as every other call. Rejects with MicroError. */
export function sdkCall(
  room: { readonly client: Client; readonly settings: Settings; readonly codecs: ReadonlyMap<string, Codec> },
  service: string,
  method: string,
  request: unknown,
  options: CallOptions,
): Promise<unknown> {
  const settings = serviceSettings(room.settings, service)
  return new Promise((resolve, reject) => {
    refuse(service, method, options.signal)
    const exchange = new RpcExchange(
      {
        service,
        method,
        contentType: 'application/json',
        body: Buffer.from(JSON.stringify(request ?? {})),
        settings,
        timeout: Math.min(settings.timeout, options.timeout ?? settings.timeout),
        metadata: ['x-request-id', requestId(undefined), ...Object.entries(options.headers ?? {}).flat()],
        remoteAddress: undefined,
        nodeFilter: undefined,
        node: undefined,
        limit: room.settings.limits.body,
      },
      room.codecs,
      (result) => {
        options.signal?.removeEventListener('abort', onAbort)
        if (result instanceof MicroError) reject(result)
        else resolve(parse(result, reject))
      },
    )
    const handle = exchange.start(room.client)
    options.signal?.addEventListener('abort', onAbort, { once: true })

    function onAbort(): void {
      handle.abort()
      reject(options.signal?.reason)
    }
  })
}

function parse(result: Uint8Array, reject: (error: unknown) => void): unknown {
  try {
    return JSON.parse(Buffer.from(result.buffer, result.byteOffset, result.byteLength).toString('utf8'))
  } catch (cause) {
    reject(new MicroError('go.micro.client', 502, 'the result is not JSON', { reason: 'protocol', cause }))
    return undefined
  }
}

/** In the words of `/rpc`. */
function refuse(service: string, method: string, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
  const empty = service === '' ? 'service' : method === '' ? 'method' : undefined
  if (empty !== undefined) throw new MicroError('go.micro.client', 400, `invalid ${empty}`, { reason: 'bad_request' })
}
