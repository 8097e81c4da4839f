import type { IncomingMessage, ServerResponse } from 'node:http'
import { MicroError, wordsOf } from '../errors.js'
import { linger } from './linger.js'

const smallBody = 65_536

/**
 * Answers in the error form. When the head is out already the connection is cut instead: an error page behind
 * half an answer would be read as a part of it.
 */
export function answerError(response: ServerResponse, error: MicroError, extra: readonly string[] = []): void {
  if (response.destroyed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  try {
    write(response, error, extra)
  } catch (cause) {
    const detail = `the error that was to be answered is none: ${wordsOf(cause)}`
    write(response, new MicroError('go.micro.sidecar', 500, detail, { reason: 'internal', cause }), extra)
  }
}

/** Throws on what a plugin made of an error: a code that is no status, a reason that is no header's value. */
function write(response: ServerResponse, error: MicroError, extra: readonly string[]): void {
  const body = JSON.stringify(error)
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body)), ...extra]
  if (error.reason !== undefined) headers.push('micro-error', error.reason)
  if (error.retryable) headers.push('micro-retryable', 'true')
  if (error.retryAfter !== undefined) headers.push('Retry-After', String(error.retryAfter))
  finish(response, error.code, headers, body)
}

/** Answers with a value as JSON. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  finish(
    response,
    status,
    ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))],
    body,
  )
}

/** A body that is still on its way is not waited for, unless it is small: the connection ends after a moment of reading on. */
function finish(response: ServerResponse, status: number, headers: string[], body: string): void {
  const unread = bodyIsAwaited(response.req)
  if (unread) response.shouldKeepAlive = false
  response.writeHead(status, headers)
  if (!unread) {
    response.end(body)
    return
  }
  if (response.req.method !== 'HEAD') response.write(body)
  linger(response.req, () => response.end())
}

/** A small body that was not asked for by `100 Continue` is left to Node, which reads it off and keeps the connection. */
function bodyIsAwaited(request: IncomingMessage): boolean {
  if (request.complete) return false
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined) return true
  const length = Number(headers['content-length'] ?? 0)
  return length > smallBody || (length > 0 && headers.expect !== undefined)
}
