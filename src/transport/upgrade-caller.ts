import type { Socket } from 'node:net'

/** Bytes that a caller may send before it has an answer; beyond it is not read on. */
const mostEarlyBytes = 65_536

/** A caller that waits for the head of its answer: notices that it leaves, and keeps what it sends meanwhile. */
export class WaitingCaller {
  readonly #socket: Socket
  readonly #onLeave: () => void
  readonly #early: Buffer[] = []
  #bytes = 0

  constructor(socket: Socket, head: Buffer, onLeave: () => void) {
    this.#socket = socket
    this.#onLeave = onLeave
    if (head.length > 0) this.#onData(head)
    socket.on('data', this.#onData)
    socket.on('end', onLeave)
    socket.on('close', onLeave)
    if (socket.destroyed || socket.readableEnded) queueMicrotask(onLeave)
  }

  /** Hands the socket on, paused, with every byte back in place. */
  release(): void {
    this.#stop()
    this.#socket.pause()
    if (this.#bytes > 0 && !this.#socket.readableEnded) this.#socket.unshift(Buffer.concat(this.#early))
  }

  /** What it says no longer matters; reading on keeps the kernel from resetting the connection under the answer. */
  discard(): void {
    this.#stop()
    this.#socket.resume()
  }

  #stop(): void {
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onLeave)
    this.#socket.off('close', this.#onLeave)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#early.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > mostEarlyBytes) this.#socket.pause()
  }
}
