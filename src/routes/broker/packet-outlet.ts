import type { Socket } from 'socket.io'
import type { Outlet } from '../../broker/outlet.js'
import type { OutletHooks } from './socket-outlet.js'

/** What an answer is taken for. */
const answerBytes = 512
/** Milliseconds that a client has to take the end. */
const endTimeout = 10_000

/** A subscriber by socket.io. What is encoded once for all goes under its encoder, as its own broadcasts do. */
export class PacketOutlet implements Outlet {
  readonly form = 'packet'
  readonly limit: number
  readonly #socket: Socket
  readonly #hooks: OutletHooks
  #waiting = 0
  /** Of what was said beside messages since the last was handed on; more or less. */
  #saidBytes = 0
  #state: 'open' | 'ended' | 'slow' = 'open'

  constructor(socket: Socket, limit: number, hooks: OutletHooks) {
    this.#socket = socket
    this.limit = limit
    this.#hooks = hooks
    socket.conn.on('drain', () => {
      this.#saidBytes = 0
    })
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.#socket.connected
  }

  get waiting(): number {
    return this.isOpen ? this.#waiting + this.#saidBytes : 0
  }

  takes(bytes: number): boolean {
    if (!this.isOpen) return false
    const { waiting } = this
    if (waiting === 0 || waiting + bytes <= this.limit) return true
    this.end(1013, 'this subscriber does not read what it gets', endTimeout)
    this.#state = 'slow'
    return false
  }

  write(frame: Buffer): 'written' | 'slow' | 'gone' {
    if (!this.takes(frame.length)) return this.#state === 'slow' ? 'slow' : 'gone'
    const { conn } = this.#socket
    this.#waiting += frame.length
    const isWebSocket = conn.transport.name === 'websocket'
    const options = { compress: false, wsPreEncodedFrame: [frame] }
    conn.write(isWebSocket ? '' : packetOf(frame), options, () => this.#sent(frame.length))
    return 'written'
  }

  /** Answers, under the same limit. */
  say(answer: () => void): void {
    if (!this.takes(answerBytes)) return
    this.#saidBytes += answerBytes
    answer()
  }

  /** Told to the client as an event `close`, since socket.io has no codes. */
  end(code: number, reason: string, timeout: number): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    const { conn } = this.#socket
    this.#socket.emit('close', { code, reason })
    conn.close()
    const timer = setTimeout(() => conn.close(true), timeout)
    conn.once('close', () => clearTimeout(timer))
    this.#hooks.closed()
  }

  #sent(bytes: number): void {
    this.#waiting -= bytes
    if (this.#waiting === 0) this.#hooks.drained(this)
  }
}

/** What stands in a frame behind its head and the type of the packet below. */
function packetOf(frame: Buffer): string {
  const length = (frame[1] ?? 0) & 0x7f
  return frame.toString('utf8', (length < 126 ? 2 : length === 126 ? 4 : 10) + 1)
}
