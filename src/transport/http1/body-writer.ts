import type { Socket } from 'node:net'
import type { StreamBody } from '../transport.js'
import { fieldLines } from './request-head.js'

/** Sends a body as its stream brings it, no faster than the node takes it, and exactly as long as was told. */
export class BodyWriter {
  /** The body has been sent whole. */
  done = false
  readonly #socket: Socket
  readonly #body: StreamBody
  readonly #fail: (message: string, cause?: unknown) => void
  #written = 0
  #stopped = false

  /** `fail` hears why the body cannot be sent, once, and not after `stop`. */
  constructor(socket: Socket, body: StreamBody, fail: (message: string, cause?: unknown) => void) {
    this.#socket = socket
    this.#body = body
    this.#fail = fail
  }

  start(head: string): void {
    const { source } = this.#body
    // What is already here goes in one packet with the head.
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
    process.nextTick(uncork, this.#socket)
    source.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
    // What has happened to the source before will not be told again.
    if (source.readableEnded) process.nextTick(this.#onEnd)
    else if (source.destroyed) process.nextTick(this.#onClose)
    else source.resume()
  }

  /** The node has taken what was written. */
  drained(): void {
    if (!this.#stopped) this.#body.source.resume()
  }

  /** Leaves the rest of the source unread. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    const { source } = this.#body
    source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    if (!this.done) source.pause()
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (!(bytes instanceof Uint8Array)) this.#refuse('the stream of the body does not bring bytes')
    else if (bytes.length > 0) this.#write(bytes)
  }

  readonly #onEnd = (): void => {
    if (this.#stopped) return
    const { length } = this.#body
    if (length !== undefined && this.#written < length) {
      this.#refuse(`the stream of the body ended after ${this.#written} of ${length} bytes`)
      return
    }
    const end = length === undefined ? this.#lastChunk() : ''
    if (end === undefined) return
    if (end !== '') this.#socket.write(end, 'latin1')
    this.done = true
    this.stop()
  }

  // Stays on the source for good: an error that comes after the end must not be one that nobody handles.
  readonly #onError = (cause: Error): void => {
    this.#refuse('the stream of the body failed', cause)
  }

  readonly #onClose = (): void => {
    this.#refuse('the stream of the body was closed before its end')
  }

  #write(bytes: Uint8Array): void {
    const { length } = this.#body
    this.#written += bytes.length
    if (length === undefined) {
      this.#writeChunk(bytes)
    } else if (this.#written > length) {
      this.#refuse(`the stream of the body brought more than ${length} bytes`)
      return
    } else {
      this.#socket.write(bytes)
    }
    if (this.#socket.writableNeedDrain) this.#body.source.pause()
  }

  #writeChunk(bytes: Uint8Array): void {
    const socket = this.#socket
    socket.cork()
    socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1')
    socket.write(bytes)
    socket.write('\r\n', 'latin1')
    socket.uncork()
  }

  #lastChunk(): string | undefined {
    try {
      const lines = fieldLines(this.#body.trailers?.() ?? [])
      if (lines !== undefined) return `0\r\n${lines}\r\n`
      this.#refuse('a trailer holds what it must not')
    } catch (cause) {
      this.#refuse('the trailers failed', cause)
    }
    return undefined
  }

  #refuse(message: string, cause?: unknown): void {
    if (this.#stopped) return
    this.stop()
    this.#fail(message, cause)
  }
}

function uncork(socket: Socket): void {
  socket.uncork()
}
