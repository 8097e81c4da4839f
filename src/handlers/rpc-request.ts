import { isJson, mediaType } from '../codec/media-type.js'
import { MicroError } from '../errors.js'
import { checkJson } from '../json/check-json.js'
import { faultText } from '../json/fault.js'
import { type JsonMember, memberNamed, members } from '../json/members.js'
import { stringAt } from '../json/text.js'
import type { Target } from '../transport/transport.js'
import { formFields } from './form-fields.js'
import { parseTarget } from './rpc-target.js'

/** What a caller of `/rpc` asks for. */
export interface RpcRequest {
  /** Full name. */
  readonly service: string
  readonly method: string
  /** The one node to call. */
  readonly address?: Target
  /** Well-formed JSON, every digit as it came; `{}` where the caller gave none. */
  readonly body: Uint8Array
}

const id = 'go.micro.rpc'
const empty = Buffer.from('{}')

/** Reads the body of `POST /rpc`, JSON or a form. Throws MicroError: 400 for what is wrong in it, 415 for another type. */
export function parseRpcRequest(contentType: string | undefined, body: Buffer): RpcRequest {
  const type = mediaType(contentType)
  if (isJson(type)) return fromJson(body)
  if (type === 'application/x-www-form-urlencoded') return fromForm(body)
  const detail = 'unsupported content-type: send application/json or application/x-www-form-urlencoded'
  throw new MicroError(id, 415, detail, { reason: 'bad_request' })
}

function fromJson(body: Buffer): RpcRequest {
  const object = members(body)
  if (!object.ok) throw badRequest(`malformed JSON: ${faultText(object.fault)}`)
  const text = (name: string) => textOf(body, memberNamed(object.members, name))
  const request = memberNamed(object.members, 'request')
  return rpcRequest(text('service'), text('method'), text('address'), () => {
    if (request === undefined) return empty
    if (request.kind === 'string') return fromText(stringAt(body, request.start, request.end))
    return body.subarray(request.start, request.end)
  })
}

function fromForm(body: Buffer): RpcRequest {
  const fields = formFields(body, ['service', 'method', 'address', 'request'])
  if (typeof fields === 'string') throw badRequest(`malformed form: ${fields}`)
  const [service, method, address, request = ''] = fields
  return rpcRequest(service, method, address, () => fromText(request))
}

/** `undefined` is not given, `null` is given as something else than a string. */
type Text = string | null | undefined

function rpcRequest(service: Text, method: Text, address: Text, body: () => Uint8Array): RpcRequest {
  if (!isName(service)) throw badRequest('invalid service')
  if (!isName(method)) throw badRequest('invalid method')
  if (address === undefined || address === '') return { service, method, body: body() }
  const target = address === null ? undefined : parseTarget(address)
  if (target === undefined) throw badRequest('invalid address: expected host:port')
  return { service, method, address: target, body: body() }
}

/** What can stand in a header and in a log line. */
function isName(text: Text): text is string {
  return typeof text === 'string' && text !== '' && !/[\s\p{Cc}\p{Cs}]/u.test(text)
}

/** A request that came as text, which the original's command line sends even inside JSON. */
function fromText(text: string): Uint8Array {
  if (/^[ \t\r\n]*$/.test(text)) return empty
  const bytes = Buffer.from(text)
  const fault = checkJson(bytes)
  if (fault === undefined) return bytes
  throw badRequest(`error decoding request string: ${faultText(fault)}`)
}

function textOf(body: Buffer, member: JsonMember | undefined): Text {
  if (member === undefined || member.kind === 'null') return undefined
  return member.kind === 'string' ? stringAt(body, member.start, member.end) : null
}

function badRequest(detail: string): MicroError {
  return new MicroError(id, 400, detail, { reason: 'bad_request' })
}
