import type { MicroError } from '../errors.js'
import { malformedAnswer, refuseFailure } from './answer-error.js'
import type { Codec, EncodedCall, RpcAnswer, RpcCall } from './codec.js'
import { decodeResponseError, encodeRequestHeader } from './rpc-header.js'
import { serviceError } from './service-error.js'

/** The protobuf envelope of go-micro 0.x: two frames, each a length and its bytes: a header, then the raw message. */
export const protoRpc: Codec = {
  name: 'proto-rpc',

  encode(call: RpcCall): EncodedCall {
    const header = encodeRequestHeader(call.method)
    return { path: '/', headers, body: Buffer.concat([length(header), header, length(call.body), call.body]) }
  },

  decode(answer: RpcAnswer): Uint8Array {
    refuseFailure(answer)
    const { body } = answer
    const header = frameAt(body, 0, 'header')
    const error = decodeResponseError(header)
    if (error === undefined) throw malformed('a header message in protobuf', `${header.length} other bytes`)
    // The error says it all: some services send no second frame behind it.
    if (error !== '') throw serviceError(error)
    const result = frameAt(body, 4 + header.length, 'body')
    const rest = body.length - 8 - header.length - result.length
    if (rest > 0) throw malformed('two frames', `${rest} bytes behind them`)
    return result
  },
}

const headers = ['Content-Type', 'application/protobuf', 'Accept', 'application/protobuf']

function length(bytes: Uint8Array): Buffer {
  const prefix = Buffer.allocUnsafe(4)
  prefix.writeUInt32BE(bytes.length)
  return prefix
}

function frameAt(body: Buffer, at: number, name: string): Buffer {
  const rest = body.length - at
  if (rest < 4) throw malformed(`the ${name} frame's length in 4 bytes`, `${rest}`)
  const size = body.readUInt32BE(at)
  if (size > rest - 4) throw malformed(`a ${name} frame of ${size} bytes`, `${rest - 4}`)
  return body.subarray(at + 4, at + 4 + size)
}

function malformed(wanted: string, found: string): MicroError {
  return malformedAnswer('proto-rpc', wanted, found)
}
