import type { ServerResponse } from 'node:http'
import type { MicroError } from '../errors.js'
import { linger } from './linger.js'

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
  const body = JSON.stringify(error)
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body)), ...extra]
  if (error.reason !== undefined) headers.push('micro-error', error.reason)
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

/** A body that is still on its way is not waited for: the connection ends after a moment of reading on. */
function finish(response: ServerResponse, status: number, headers: string[], body: string): void {
  if (response.req.complete) {
    response.writeHead(status, headers)
    response.end(body)
    return
  }
  response.shouldKeepAlive = false
  response.writeHead(status, headers)
  if (response.req.method !== 'HEAD') response.write(body)
  linger(response.req, () => response.end())
}
