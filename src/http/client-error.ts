import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { MicroError } from '../errors.js'
import { callerOf } from './caller.js'
import { inTurn } from './in-turn.js'
import { rawAnswer } from './raw-answer.js'

const id = 'go.micro.sidecar'

/** What Node's parser refuses, answered in the error form; the connection ends, since what follows cannot be framed. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  const caller = callerOf(socket)
  if (caller.refused || socket.destroyed) return
  caller.refused = true
  const failure = refusal(error.code ?? '', error.message)
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') socket.destroy()
  else if (caller.current === undefined || caller.current.request.complete)
    inTurn(socket, () => rawAnswer(socket, failure))
  // The latest request itself is broken, in its body.
  else if (isUnanswered(caller.current.response)) rawAnswer(socket, failure)
  else socket.destroy()
}

function refusal(code: string, message: string): MicroError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new MicroError(id, 431, 'the request headers are larger than limits.headers', { reason: 'too_large' })
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new MicroError(id, 408, 'the request did not arrive in time (limits.headersTimeout)', { reason: 'timeout' })
  }
  return new MicroError(id, 400, `not a well-formed HTTP/1.1 request: ${message}`, { reason: 'bad_request' })
}

/** Nothing of its answer is out, and none goes before it: whatever came behind either would be read as a part of it. */
function isUnanswered(response: ServerResponse): boolean {
  return response.socket !== null && !response.headersSent
}
