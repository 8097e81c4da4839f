import { STATUS_CODES } from 'node:http'
import { MicroError } from '../errors.js'
import type { RpcAnswer } from './codec.js'
import { excerpt } from './excerpt.js'
import { formError, serviceError } from './service-error.js'

/** Throws what an answer's head says went wrong: the service's error header, or a status that is not 200. */
export function refuseFailure(answer: RpcAnswer): void {
  const error = header(answer, 'micro-error') ?? header(answer, 'x-micro-error')
  if (error !== undefined) throw serviceError(error)
  if (answer.status !== 200) throw statusError(answer)
}

/** An answer that is not in the form it should be in. `wanted` and `found` go into the sentence. */
export function malformedAnswer(codec: string, wanted: string, found: string): MicroError {
  const detail = `the node's answer is not ${codec}: expected ${wanted}, found ${found}`
  return new MicroError('go.micro.client', 502, detail, { reason: 'protocol' })
}

function statusError(answer: RpcAnswer): MicroError {
  const { status, body } = answer
  const isError = status >= 400 && status <= 599
  const form = isError ? formError(body) : undefined
  if (form !== undefined) return form
  const detail = `the node answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  if (isError) return new MicroError('go.micro.client', status, `${detail}: ${excerpt(body)}`)
  const why = `${detail}, where RPC over HTTP knows 200 only: ${excerpt(body)}`
  return new MicroError('go.micro.client', 502, why, { reason: 'protocol' })
}

/** The first value of that lower-case name that is not empty. Go puts UTF-8 into headers. */
function header({ headers }: RpcAnswer, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const found = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    if (found.length !== name.length || value === '' || found.toLowerCase() !== name) continue
    return Buffer.from(value, 'latin1').toString()
  }
  return undefined
}
