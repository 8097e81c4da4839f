import { MicroError } from '../errors.js'
import type { Codec } from './codec.js'
import { jsonRpc } from './json-rpc.js'
import { isJson, isProtobuf } from './media-type.js'
import { mucp } from './mucp.js'
import { protoRpc } from './proto-rpc.js'

/**
 * The codec for a node whose registration says `protocol` (absent: the envelope) and a call of that media type;
 * `undefined` for a media type that no codec carries. Throws for a protocol that cannot be called.
 */
export function selectCodec(protocol: string | undefined, contentType: string): Codec | undefined {
  const json = isJson(contentType)
  if (!json && !isProtobuf(contentType)) return undefined
  switch (protocol ?? '') {
    case '':
    case 'json-rpc':
      return json ? jsonRpc : protoRpc
    case 'mucp':
      return mucp
    case 'grpc':
      throw refusal(501, 'the node speaks grpc, which is not available in this version')
    default:
      throw refusal(502, `the node speaks ${JSON.stringify(protocol?.slice(0, 64))}, and none of json-rpc and mucp`)
  }
}

function refusal(code: number, detail: string): MicroError {
  return new MicroError('go.micro.client', code, detail, { reason: 'protocol' })
}
