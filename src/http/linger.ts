import type { IncomingMessage } from 'node:http'

const lingerTime = 1000
const lingerBytes = 1024 * 1024

/**
 * Reads on and throws away what a caller still sends, until it has ended, or for a second, or for a megabyte.
 * A socket closed with unread bytes is reset by the kernel, and the reset can overtake the answer.
 */
export function linger(request: IncomingMessage, done: () => void): void {
  let bytes = 0
  const timer = setTimeout(finish, lingerTime)
  request.on('data', count)
  request.on('end', finish)
  request.on('error', finish)
  request.on('close', finish)
  request.resume()

  function count(chunk: Buffer): void {
    bytes += chunk.length
    if (bytes > lingerBytes) finish()
  }

  function finish(): void {
    clearTimeout(timer)
    request.off('data', count)
    request.off('end', finish)
    request.off('close', finish)
    done()
  }
}
