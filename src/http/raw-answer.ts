import type { Duplex } from 'node:stream'
import type { MicroError } from '../errors.js'

const closeTimeout = 1000

/** Answers in the error form on a socket that has no response object, then closes it; a peer that does not close is cut. */
export function rawAnswer(socket: Duplex, error: MicroError): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(error)
  const reason = error.reason === undefined ? '' : `micro-error: ${error.reason}\r\n`
  const later = error.retryAfter === undefined ? '' : `Retry-After: ${error.retryAfter}\r\n`
  const head = `HTTP/1.1 ${error.code} ${error.status}\r\nContent-Type: application/json\r\n${reason}${later}`
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), closeTimeout)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
}
