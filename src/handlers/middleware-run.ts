import { MicroError, pluginFailed, wordsOf } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import { flatHeaders, headerRecord } from '../middleware/header-record.js'
import type { Pipeline } from '../middleware/pipeline.js'
import type { Answer, RequestContext } from '../middleware/request-context.js'

/**
 * Runs `onRequest`, then either answers what a middleware answered or goes on. A failure is answered here too, and so
 * is a middleware that never ends: it may take as long as the call itself.
 */
export function beforeCall(pipeline: Pipeline, context: RequestContext, inbound: Inbound, goOn: () => void): void {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    fail(pipeline, context, inbound, tooSlow(context))
  }, context.timeout)
  pipeline
    .onRequest(context, () => context.answered !== undefined)
    .finally(() => clearTimeout(timer))
    .then(() => {
      if (isLate || inbound.response.destroyed) return
      if (context.answered === undefined) goOnWith(context, goOn)
      else sendAnswer(inbound, context.answered)
    })
    .catch((error: unknown) => {
      if (!isLate) fail(pipeline, context, inbound, pluginFailed('a middleware', error))
    })
}

function tooSlow({ handler, service }: RequestContext): MicroError {
  const detail = `a middleware did not let the call of ${service} go on within its timeout`
  return new MicroError('go.micro.sidecar', handler === 'rpc' ? 408 : 504, detail, { reason: 'timeout' })
}

/** Runs `onResponse` over a head that is about to go out and hands back what it became. */
export async function afterCall(
  pipeline: Pipeline,
  context: RequestContext,
  status: number,
  headers: readonly string[],
): Promise<{ status: number; headers: string[] }> {
  const response = { status, headers: headerRecord(headers) }
  context.response = response
  await pipeline.onResponse(context)
  checkStatus(response.status)
  return { status: response.status, headers: flatHeaders(headers, response.headers) }
}

/** Answers with an error, after `onError` had its say. */
export function fail(
  pipeline: Pipeline,
  context: RequestContext | undefined,
  inbound: Inbound,
  error: MicroError,
): void {
  if (context === undefined || !pipeline.seesErrors) {
    inbound.fail(error)
    return
  }
  pipeline.onError(context, error).then(
    (replaced) => inbound.fail(pluginFailed('a middleware', replaced)),
    () => inbound.fail(error),
  )
}

function goOnWith({ service, method, timeout }: RequestContext, goOn: () => void): void {
  if (typeof service !== 'string' || typeof method !== 'string')
    throw new TypeError('service and method must be strings')
  if (!(timeout >= 0)) throw new TypeError('timeout must be a number of milliseconds')
  goOn()
}

function sendAnswer(inbound: Inbound, answer: Answer): void {
  const { response } = inbound
  checkStatus(answer.status)
  const isEmpty = answer.status === 204 || answer.status === 304
  const isValue = typeof answer.body === 'object' && answer.body !== null && !(answer.body instanceof Uint8Array)
  const body = isValue ? JSON.stringify(answer.body) : (answer.body ?? '')
  if (isValue) response.setHeader('Content-Type', 'application/json')
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  if (!isEmpty) response.setHeader('Content-Length', Buffer.byteLength(body as string | Uint8Array))
  response.statusCode = answer.status
  response.end(isEmpty ? undefined : body)
}

/** An informational status is no answer: with 101 the caller would take what follows for another protocol. */
function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 999) return
  throw new RangeError(`a middleware answered with a status that is none: ${wordsOf(status)}`)
}
