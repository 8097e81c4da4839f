import type { Writable } from 'node:stream'

/** One system call for the lines of so many milliseconds. */
const BATCH_DELAY = 20
const BATCH_LENGTH = 64 * 1024
/** What may wait for a reader that has stopped reading, in bytes. */
const LIMIT = 8 * 1024 * 1024

/** Collects lines and hands them to a stream in batches. Beyond the limit lines are dropped, and counted. */
export class LogBuffer {
  readonly #stream: Writable
  readonly #lost: (count: number) => string
  #text = ''
  #timer: NodeJS.Timeout | undefined
  #dropped = 0
  #broken = false

  /** `lost` gives the line that tells how many were dropped. */
  constructor(stream: Writable, lost: (count: number) => string) {
    this.#stream = stream
    this.#lost = lost
    if (!stream.listeners('error').includes(onStreamError)) stream.on('error', onStreamError)
  }

  push(line: string): void {
    if (this.#broken) return
    if (this.#stream.writableLength + this.#text.length > LIMIT) {
      this.#dropped++
      return
    }
    this.#text += line
    if (this.#text.length >= BATCH_LENGTH) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_DELAY)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#dropped > 0 && this.#stream.writableLength + this.#text.length <= LIMIT) {
      this.#text += this.#lost(this.#dropped)
      this.#dropped = 0
    }
    if (this.#text === '' || this.#broken) return
    const text = this.#text
    this.#text = ''
    if (this.#stream.destroyed || this.#stream.writableEnded) this.#broken = true
    else this.#stream.write(text, this.#onWritten)
  }

  readonly #onWritten = (error?: Error | null) => {
    if (error !== undefined && error !== null) this.#broken = true
    else if (this.#dropped > 0) this.flush()
  }
}

// A reader that has gone (EPIPE) is no reason to end; the write's callback has told the buffer already.
function onStreamError() {}
