import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Outlet } from '../../broker/outlet.js'

/** As long as it may be in a close frame. */
const longestReason = 123

export interface OutletHooks {
  /** All that waited for its reader has gone. */
  drained(outlet: Outlet): void
  /** It has closed itself. */
  closed(): void
}

/** A subscriber's WebSocket. Frames are made once for all and written to the socket below, where `ws` writes its own. */
export class SocketOutlet implements Outlet {
  readonly form: 'frame' | 'named-frame'
  readonly limit: number
  readonly #socket: Duplex
  readonly #hooks: OutletHooks
  #webSocket: WebSocket | undefined
  #slow = false

  constructor(form: 'frame' | 'named-frame', socket: Duplex, limit: number, hooks: OutletHooks) {
    this.form = form
    this.#socket = socket
    this.limit = limit
    this.#hooks = hooks
    socket.on('drain', () => hooks.drained(this))
  }

  /** The handshake is through. */
  open(webSocket: WebSocket): void {
    this.#webSocket = webSocket
  }

  get isOpen(): boolean {
    const webSocket = this.#webSocket
    return webSocket !== undefined && webSocket.readyState === webSocket.OPEN && this.#socket.writable
  }

  get waiting(): number {
    return this.isOpen ? this.#socket.writableLength : 0
  }

  takes(bytes: number): boolean {
    if (!this.isOpen) return false
    const { waiting } = this
    if (waiting === 0 || waiting + bytes <= this.limit) return true
    this.#slow = true
    this.close(1013, 'this subscriber does not read what it gets')
    return false
  }

  write(bytes: Buffer): 'written' | 'slow' | 'gone' {
    if (!this.takes(bytes.length)) return this.#slow ? 'slow' : 'gone'
    this.#socket.write(bytes)
    return 'written'
  }

  /** Behind what waits for its reader. */
  close(code: number, reason: string): void {
    this.#webSocket?.close(code, shortened(reason))
    this.#hooks.closed()
  }
}

function shortened(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, longestReason)
}
