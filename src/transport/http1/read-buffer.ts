const SIZE = 65_536
/** From here on a copy costs more than a buffer of one's own. */
const LARGE = 16_384

/** Every connection reads into it: bytes are taken out before the next read of any of them. */
const SHARED = Buffer.allocUnsafeSlow(SIZE)

/** Where a connection reads to. Small pieces are copied out of a shared buffer; large ones are handed over as read. */
export class ReadBuffer {
  #current: Buffer = SHARED
  #filled = 0
  #isLent = false

  /** For the next read. */
  next(): Buffer {
    if (this.#filled >= LARGE) {
      if (this.#isLent || this.#current === SHARED) this.#current = this.#following()
    } else {
      this.#current = SHARED
    }
    this.#filled = 0
    this.#isLent = false
    return this.#current
  }

  /** What was read. */
  filled(count: number): Buffer {
    this.#filled = count
    return this.#current
  }

  /** A piece of what was read, to be kept. */
  lend(from: number, to: number): Buffer {
    if (this.#current !== SHARED) {
      this.#isLent = true
      return this.#current.subarray(from, to)
    }
    const copy = Buffer.allocUnsafe(to - from)
    this.#current.copy(copy, 0, from, to)
    return copy
  }

  #following(): Buffer {
    const isRoomy = this.#current !== SHARED && this.#current.length - this.#filled >= LARGE
    return isRoomy ? this.#current.subarray(this.#filled) : Buffer.allocUnsafeSlow(SIZE)
  }
}
