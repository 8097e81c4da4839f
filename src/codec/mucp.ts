import { MicroError } from '../errors.js'
import { checkJson } from '../json/check-json.js'
import { faultText } from '../json/fault.js'
import { malformedAnswer, refuseFailure } from './answer-error.js'
import type { Codec, EncodedCall, RpcAnswer, RpcCall } from './codec.js'
import { excerpt } from './excerpt.js'
import { isJson } from './media-type.js'

/** The form of go-micro 1.x: the raw body, and headers that say what is called. */
export const mucp: Codec = {
  name: 'mucp',

  encode(call: RpcCall): EncodedCall {
    const service = headerValue(call.service, 'service')
    const method = headerValue(call.method, 'method')
    // Services sort what comes on one connection by this id, and may still hold the last call's.
    const id = String(++calls)
    const type = isJson(call.contentType) ? 'application/json' : 'application/protobuf'
    return { path: '/', headers: headers(id, service, method, type), body: call.body }
  },

  decode(answer: RpcAnswer, call: RpcCall): Uint8Array {
    refuseFailure(answer)
    const { body } = answer
    if (!isJson(call.contentType)) return body
    if (body.length === 0) return nothing
    const fault = checkJson(body)
    if (fault === undefined) return body
    throw malformedAnswer('mucp', 'a JSON value', `${excerpt(body)} (${faultText(fault)})`)
  },
}

let calls = 0
const nothing = Buffer.from('null')

function headers(id: string, service: string, method: string, type: string): string[] {
  return [
    ...['Content-Type', type, 'Accept', type],
    ...['Micro-Id', id, 'X-Micro-Id', id],
    ...['Micro-Service', service, 'X-Micro-Service', service],
    ...['Micro-Method', method, 'X-Micro-Method', method],
    ...['Micro-Endpoint', method, 'X-Micro-Endpoint', method],
  ]
}

/** A name as bytes in latin1, which is how header lists are kept. */
function headerValue(name: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(name)) return name
  const bytes = Buffer.from(name).toString('latin1')
  if (name === '' || /[\0-\x20\x7f]/.test(bytes)) {
    throw new MicroError('go.micro.client', 400, `invalid ${what}: no header can hold it`, { reason: 'bad_request' })
  }
  return bytes
}
