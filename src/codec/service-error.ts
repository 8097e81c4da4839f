import { MicroError } from '../errors.js'
import { type JsonMember, memberNamed, members } from '../json/members.js'
import { stringAt, textAt } from '../json/text.js'
import { shortened } from './excerpt.js'

/** Longer ones are no error form that anybody writes. */
const FORM_LIMIT = 65_536
const DATA_LIMIT = 256

/** The error that a service sent as a string: go-micro's form with its own code, or plain words. */
export function serviceError(text: string): MicroError {
  const form = text.length > FORM_LIMIT ? undefined : readForm(Buffer.from(text))
  if (form?.code === undefined || form.code === 0) return unnamedError(form?.detail ?? text)
  if (!isHttpError(form.code)) return new MicroError(form.id ?? 'go.micro.api', 500, form.detail ?? '')
  return new MicroError(form.id ?? 'go.micro.api', form.code, form.detail ?? '', { status: form.status })
}

/** The error that a JSON-RPC 2.0 server sent as an object `{code, message, data}`; go-micro's form passes too. */
export function objectError(bytes: Buffer): MicroError {
  const result = members(bytes)
  const message = result.ok ? text(bytes, memberNamed(result.members, 'message')) : undefined
  if (!result.ok || message === undefined) return serviceError(bytes.toString())
  const code = httpCode(number(bytes, memberNamed(result.members, 'code')))
  return new MicroError('go.micro.api', code, shortened(message) + data(bytes, memberNamed(result.members, 'data')))
}

/** Go-micro's error form, if that is what an answer's body holds. */
export function formError(body: Buffer): MicroError | undefined {
  const form = body.length > FORM_LIMIT ? undefined : readForm(body)
  const isForm = form?.code !== undefined && form.detail !== undefined && isHttpError(form.code)
  return isForm ? serviceError(body.toString()) : undefined
}

interface Form {
  readonly id: string | undefined
  readonly code: number | undefined
  readonly detail: string | undefined
  readonly status: string | undefined
}

function readForm(bytes: Buffer): Form | undefined {
  const result = members(bytes)
  if (!result.ok) return undefined
  const find = (name: string) => memberNamed(result.members, name)
  return {
    id: text(bytes, find('id')),
    code: number(bytes, find('code')),
    detail: text(bytes, find('detail')),
    status: text(bytes, find('status')),
  }
}

function unnamedError(detail: string): MicroError {
  return new MicroError('go.micro.api', 500, `error during request: ${shortened(detail)}`)
}

function isHttpError(code: number): boolean {
  return Number.isInteger(code) && code >= 400 && code <= 599
}

function httpCode(code: number | undefined): number {
  if (code === undefined) return 500
  if (code === -32_700 || code === -32_600 || code === -32_602) return 400
  if (code === -32_601) return 404
  return isHttpError(code) ? code : 500
}

/** What a JSON-RPC error says beside its message, if it is short enough to be read. */
function data(bytes: Buffer, member: JsonMember | undefined): string {
  if (member === undefined || member.kind === 'null' || member.end - member.start > DATA_LIMIT) return ''
  const value = member.kind === 'string' ? stringAt(bytes, member.start, member.end) : spanText(bytes, member)
  return value === '' ? '' : ` (${value})`
}

function text(bytes: Buffer, member: JsonMember | undefined): string | undefined {
  return member?.kind === 'string' ? shortened(stringAt(bytes, member.start, member.end)) : undefined
}

function number(bytes: Buffer, member: JsonMember | undefined): number | undefined {
  return member?.kind === 'number' ? Number(spanText(bytes, member)) : undefined
}

function spanText(bytes: Buffer, member: JsonMember): string {
  return textAt(bytes, member.start, member.end)
}
