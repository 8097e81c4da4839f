const longestHead = 14

/** Follows a stream of WebSocket frames, to know when a frame of one's own may be put in. */
export class FrameBoundary {
  /** A head that was cut by the end of a chunk. */
  readonly #head = new Uint8Array(longestHead)
  #headBytes = 0
  #left = 0
  #closed = false

  /** Nothing of a frame is half-way, and no close frame has passed. */
  get open(): boolean {
    return this.#left === 0 && this.#headBytes === 0 && !this.#closed
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at)
        this.#left -= skipped
        at += skipped
      } else if (this.#headBytes === 0 && chunk.length - at >= longestHead) {
        at += this.#enter(chunk, at)
      } else {
        this.#collect(chunk[at++] ?? 0)
      }
    }
  }

  #collect(byte: number): void {
    this.#head[this.#headBytes++] = byte
    if (this.#headBytes < 2 || this.#headBytes < headLength(this.#head[1] ?? 0)) return
    this.#headBytes = 0
    this.#enter(this.#head, 0)
  }

  /** Begins a frame; returns its head's length. */
  #enter(bytes: Uint8Array, at: number): number {
    const second = bytes[at + 1] ?? 0
    if (((bytes[at] ?? 0) & 0x0f) === 0x8) this.#closed = true
    this.#left = second & 0x7f
    if (this.#left > 125) {
      const end = at + (this.#left === 126 ? 4 : 10)
      this.#left = 0
      for (let i = at + 2; i < end; i++) this.#left = this.#left * 256 + (bytes[i] ?? 0)
    }
    return headLength(second)
  }
}

/** A server's close frame. */
export function closeFrame(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff])
}

function headLength(second: number): number {
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}
