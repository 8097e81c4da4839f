import type { MicroError } from '../errors.js'
import { checkUtf8 } from '../json/check-json.js'
import { faultText } from '../json/fault.js'
import { memberNamed, members } from '../json/members.js'
import { stringAt } from '../json/text.js'
import { valueEnd } from '../json/value-end.js'
import { malformedAnswer, refuseFailure } from './answer-error.js'
import type { Codec, EncodedCall, RpcAnswer, RpcCall } from './codec.js'
import { excerpt } from './excerpt.js'
import { objectError, serviceError } from './service-error.js'

/** The envelope of go-micro 0.x and of plain JSON-RPC servers, 1.0 and 2.0. The request and the result stay as they came. */
export const jsonRpc: Codec = {
  name: 'json-rpc',

  encode(call: RpcCall): EncodedCall {
    const before = Buffer.from(`{"method":${JSON.stringify(call.method)},"params":[`)
    return { path: '/', headers, body: Buffer.concat([before, call.body, after]) }
  },

  decode(answer: RpcAnswer): Uint8Array {
    refuseFailure(answer)
    const { body } = answer
    const usual = usualResult(body)
    if (usual !== undefined) return usual
    const envelope = members(body)
    if (!envelope.ok) throw malformed(body, faultText(envelope.fault))
    const error = memberNamed(envelope.members, 'error')
    if (error !== undefined && error.kind !== 'null') throw errorAt(body, error.kind, error.start, error.end)
    const result = memberNamed(envelope.members, 'result')
    return result === undefined ? nothing : body.subarray(result.start, result.end)
  },
}

const usualStart = Buffer.from('{"id":0,"result":')
const usualEnd = Buffer.from(',"error":null}')

/** The result of an answer as go-micro's own services write it, which takes no list of members to find. */
function usualResult(body: Buffer): Buffer | undefined {
  const isLine = body[body.length - 1] === 0x0a
  const end = body.length - usualEnd.length - (isLine ? 1 : 0)
  if (!stands(body, 0, usualStart) || !stands(body, end, usualEnd) || checkUtf8(body) !== undefined) return undefined
  return valueEnd(body, usualStart.length) === end ? body.subarray(usualStart.length, end) : undefined
}

function stands(body: Buffer, at: number, text: Buffer): boolean {
  if (at < 0 || at + text.length > body.length) return false
  for (let i = 0; i < text.length; i++) if (body[at + i] !== text[i]) return false
  return true
}

const headers = ['Content-Type', 'application/json', 'Accept', 'application/json']
const after = Buffer.from('],"id":0}')
const nothing = Buffer.from('null')

function errorAt(body: Buffer, kind: string, start: number, end: number): MicroError {
  if (kind === 'object') return objectError(body.subarray(start, end))
  if (kind !== 'string') return malformed(body, 'an error that is neither a string nor an object')
  // Go-micro's own client takes an empty error for an error, too.
  return serviceError(stringAt(body, start, end) || 'unspecified error')
}

function malformed(body: Buffer, why: string): MicroError {
  return malformedAnswer('JSON-RPC', 'an object with result and error', `${excerpt(body)} (${why})`)
}
