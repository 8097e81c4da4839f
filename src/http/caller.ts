import type { Socket } from 'node:net'
import type { Inbound } from './inbound.js'

const key = Symbol('caller')

type KnownSocket = Socket & { [key]?: Caller }

/** What is known of the peer of one connection, worked out once. */
export class Caller {
  readonly socket: Socket
  /** Among all callers; -1: none of them. */
  place = -1
  /** IP address; empty for a unix socket. */
  readonly address: string
  /** As RFC 7239 wants it in `for=`. */
  readonly forwardedFor: string
  /** Set once a request on this connection could not be read safely: nothing that follows on it is looked at. */
  refused = false
  /** The caller has ended its side. */
  halfClosed = false
  /** The end of this connection is being listened for. */
  watched = false
  /** The latest request on it, until its answer has ended. */
  current: Inbound | undefined
  /** Requests whose answers wait behind others: Node does not tell these that the caller has gone. */
  readonly queued: Inbound[] = []
  /** The last of those, where they are too many: they are not looked at before others are answered. */
  readonly held: Inbound[] = []
  /** The connection was made to wait, and must go on waiting while there are some of these. */
  slowed = false

  constructor(socket: Socket) {
    this.socket = socket
    const address = socket.remoteAddress ?? ''
    this.address = address.startsWith('::ffff:') ? address.slice(7) : address
    this.forwardedFor = this.address.includes(':') ? `for="[${this.address}]"` : `for=${this.address || 'unknown'}`
  }
}

export function callerOf(socket: Socket): Caller {
  const known: KnownSocket = socket
  known[key] ??= new Caller(socket)
  return known[key]
}
