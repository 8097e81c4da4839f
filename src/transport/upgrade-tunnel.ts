import type { Socket } from 'node:net'
import { TransportError } from './transport.js'
import { closeFrame, FrameBoundary } from './upgrade-frames.js'
import type { Upgrade, UpgradeInput } from './upgrade-input.js'

/** Milliseconds for what is still to be written once the other side has failed. */
const flushTimeout = 250
/** Milliseconds for a peer to answer a close. */
const closeTimeout = 1000
/** Milliseconds of silence once one side has ended. */
const halfClosedTimeout = 5000

/**
 * Looks after two sockets that http-proxy has piped into each other: their ends, their silence, their close. A reset
 * by a side whose other side has stopped reading is not seen before that one reads on, or idleTimeout ends both.
 */
export function tunnel(input: UpgradeInput, node: Socket, protocol: string): Upgrade {
  return new Tunnel(input, node, protocol)
}

class Tunnel implements Upgrade {
  readonly #input: UpgradeInput
  readonly #caller: Socket
  readonly #node: Socket
  readonly #frames: FrameBoundary | undefined
  #error: TransportError | undefined
  #open = 2
  #halfClosed = false
  #closing = false

  constructor(input: UpgradeInput, node: Socket, protocol: string) {
    this.#input = input
    this.#caller = input.socket
    this.#node = node
    if (protocol.toLowerCase() === 'websocket') {
      const frames = new FrameBoundary()
      node.on('data', (chunk: Buffer) => frames.push(chunk))
      this.#frames = frames
    }
    this.#watch(this.#caller, node)
    this.#watch(node, this.#caller)
    node.once('error', ({ message }) => this.#blame('reset', message))
    this.#caller.setTimeout(input.idleTimeout)
    this.#caller.on('timeout', () => this.#onSilence())
  }

  close(code?: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#node.unpipe(this.#caller)
    this.#node.resume()
    if (this.#frames === undefined) this.#endNode()
    // A WebSocket's caller answers the close frame, and its answer still travels to the node.
    if (code !== undefined && this.#frames?.open) this.#caller.end(closeFrame(code))
    else this.#caller.end()
    const timer = setTimeout(() => this.#destroy(), closeTimeout)
    this.#caller.once('close', () => clearTimeout(timer))
  }

  #endNode(): void {
    this.#caller.unpipe(this.#node)
    this.#caller.resume()
    this.#node.end()
  }

  #watch(side: Socket, other: Socket): void {
    side.once('end', () => this.#onEnd())
    side.once('close', (failed: boolean) => {
      this.#open--
      if (this.#open === 0) this.#finish()
      else closeSoon(other, failed || !side.readableEnded ? flushTimeout : halfClosedTimeout)
    })
  }

  /** The pipe ends the other side, which may still have something to say. */
  #onEnd(): void {
    this.#halfClosed = true
    const { idleTimeout } = this.#input
    this.#caller.setTimeout(idleTimeout > 0 ? Math.min(idleTimeout, halfClosedTimeout) : halfClosedTimeout)
  }

  #onSilence(): void {
    if (this.#halfClosed) {
      this.#destroy()
      return
    }
    this.#blame('timeout', `no byte within ${this.#input.idleTimeout} ms`)
    this.close(1001)
  }

  #blame(kind: 'reset' | 'timeout', message: string): void {
    if (!this.#closing) this.#error ??= new TransportError(kind, message, { sent: true, reused: false })
  }

  #destroy(): void {
    this.#caller.destroy()
    this.#node.destroy()
  }

  #finish(): void {
    this.#input.onDone?.({ status: 101, ...(this.#error && { error: this.#error }) })
  }
}

/** Ends a socket behind what is still to be written, and by force when that takes too long. */
function closeSoon(socket: Socket, timeout: number): void {
  socket.end()
  const timer = setTimeout(() => socket.destroy(), timeout)
  socket.once('close', () => clearTimeout(timer))
}
