import type { Socket } from 'node:net'
import { MicroError } from '../errors.js'
import { callerOf } from './caller.js'
import { rawAnswer } from './raw-answer.js'

const id = 'go.micro.sidecar'

/** What Node's parser refuses, answered in the error form; the connection ends, since what follows cannot be framed. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  const caller = callerOf(socket)
  if (caller.refused || socket.destroyed) return
  caller.refused = true
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || answering(socket)) socket.destroy()
  else rawAnswer(socket, refusal(error.code ?? '', error.message))
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

/** Half an answer is out: anything more would be read as a part of it. */
function answering(socket: Socket & { _httpMessage?: { headersSent?: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
