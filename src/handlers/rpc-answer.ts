import { pluginFailed } from '../errors.js'
import { endInOneWrite } from '../http/end-in-one-write.js'
import type { Inbound } from '../http/inbound.js'
import { cutWhenStalled } from '../http/stalled.js'
import type { Pipeline } from '../middleware/pipeline.js'
import type { RequestContext } from '../middleware/request-context.js'
import { afterCall, fail } from './middleware-run.js'

/** A result up to this size leaves in one string with its head. */
const oneWrite = 16_384
const patience = 30_000

/** Answers 200 with a call's result, after `onResponse` had its say. */
export function answerResult(
  pipeline: Pipeline,
  context: RequestContext | undefined,
  inbound: Inbound,
  result: Uint8Array,
  contentType: string,
): void {
  const headers = ['Content-Type', contentType, 'Content-Length', String(result.length), 'x-request-id', inbound.id]
  inbound.pushOwnHeaders(headers)
  if (context === undefined || !pipeline.seesResponses) return write(inbound, 200, headers, result)
  afterCall(pipeline, context, 200, headers)
    .then((head) => write(inbound, head.status, head.headers, result))
    .catch((error: unknown) => fail(pipeline, context, inbound, pluginFailed('a middleware', error)))
}

function write(inbound: Inbound, status: number, headers: string[], result: Uint8Array): void {
  const { response } = inbound
  if (response.destroyed) return
  // A middleware has begun an answer of its own behind our back; there can be no other.
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, headers)
  if (result.length > oneWrite) {
    // Nothing else limits the wait for a caller that does not take it.
    cutWhenStalled(response, patience)
    response.end(result)
  } else endInOneWrite(response, result)
}
