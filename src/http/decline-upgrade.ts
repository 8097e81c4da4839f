import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

const dropped: ReadonlySet<string> = new Set(['upgrade', 'http2-settings', 'connection'])

/**
 * Serves a request as if it had not asked for an upgrade, as RFC 9110 allows: Java's client offers `h2c` on every
 * plain request. Node has taken the connection out of HTTP by now, so the head is written anew and handed back.
 */
export function declineUpgrade(server: Server, request: IncomingMessage, socket: Socket, rest: Buffer): void {
  let head = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`
  const raw = request.rawHeaders
  for (let i = 0; i < raw.length; i += 2) {
    if (!dropped.has((raw[i] ?? '').toLowerCase())) head += `${raw[i]}: ${raw[i + 1]}\r\n`
  }
  socket.unshift(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), rest]))
  server.emit('connection', socket)
}
