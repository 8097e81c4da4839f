import { connect } from 'node:net'
import { type NatsServer, serverOf } from './servers.js'

/** What a NATS server says of itself before anything else. */
export interface ServerInfo {
  readonly jetstream: boolean
  readonly tlsRequired: boolean
  /** Bytes of the largest message that it takes. */
  readonly maxPayload: number
  /** The others of its cluster, and it. */
  readonly cluster: readonly NatsServer[]
}

/** S21: bytes of the first line, and servers of a cluster that are kept. */
const longest = 64 * 1024
const mostServers = 64

/**
 * Connects, reads the server's first line and leaves again. The client library has no such look ahead, and it needs
 * one: when a server takes a connection and then says nothing (it is stopped, or no NATS server at all), the library's
 * `connect` gives up in time but leaves its socket open for as long as the other side does, one more at each attempt.
 */
export function knock({ host, port }: NatsServer, limit: number, signal: AbortSignal): Promise<ServerInfo> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    let received = ''
    const timer = setTimeout(() => end(`no NATS server answered within ${limit} ms`), limit)
    const end = (found: string | ServerInfo) => {
      clearTimeout(timer)
      socket.destroy()
      if (typeof found === 'string') reject(new Error(found))
      else resolve(found)
    }
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      received += chunk
      if (received.includes('\r\n')) end(infoOf(received) ?? 'what answers is no NATS server')
      else if (received.length > longest) end('what answers is no NATS server')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.message || error.code || 'it cannot be reached'))
    socket.on('close', () => end('it closed the connection'))
  })
}

function infoOf(received: string): ServerInfo | undefined {
  const text = /^INFO\s+(\{[^\r\n]*\})\s*\r\n/i.exec(received)?.[1]
  if (text === undefined) return undefined
  try {
    const info: Partial<Record<string, unknown>> = JSON.parse(text)
    const { jetstream, tls_required: tlsRequired, max_payload: maxPayload, connect_urls: urls } = info
    return {
      jetstream: jetstream === true,
      tlsRequired: tlsRequired === true,
      maxPayload: typeof maxPayload === 'number' && maxPayload > 0 ? maxPayload : Number.POSITIVE_INFINITY,
      cluster: Array.isArray(urls) ? urls.slice(0, mostServers).flatMap(named) : [],
    }
  } catch {
    return undefined
  }
}

function named(url: unknown): NatsServer[] {
  const server = typeof url === 'string' ? serverOf(url) : undefined
  return server === undefined ? [] : [server]
}
