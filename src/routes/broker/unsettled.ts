import type { WebSocket } from 'ws'

/** Frames of one socket that are being worked on; beyond, the socket is not read. */
const most = 64

/** Holds a client to the pace of the broker. */
export class Unsettled {
  readonly #webSocket: WebSocket
  #count = 0

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket
  }

  async settle(work: Promise<void>): Promise<void> {
    if (++this.#count === most) this.#webSocket.pause()
    try {
      await work
    } finally {
      if (this.#count-- === most) this.#webSocket.resume()
    }
  }
}
