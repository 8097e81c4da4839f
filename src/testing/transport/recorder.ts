import assert from 'node:assert/strict'
import type { AnswerSink, TransportError } from '../../transport/transport.js'
import { Signal, within } from './signal.js'

export interface Head {
  readonly status: number
  readonly headers: string[]
  readonly reason: string
}

/** A sink that keeps what it is told, and notes every call that the contract does not allow. */
export class Recorder implements AnswerSink {
  readonly information: Omit<Head, 'reason'>[] = []
  readonly chunks: Buffer[] = []
  readonly violations: string[] = []
  head: Head | undefined
  trailers: string[] | undefined
  error: TransportError | undefined
  received = 0
  /** What `onData` returns. */
  accept: (chunk: Buffer) => boolean = () => true
  /** Set while `send` runs, and once the exchange was aborted. */
  silence: string | undefined = 'before send has returned'
  readonly #informed = new Signal()
  readonly #headed = new Signal()
  readonly #fed = new Signal()
  readonly #over = new Signal()

  onInformation(status: number, headers: string[]): void {
    this.#note('onInformation', this.head === undefined)
    this.information.push({ status, headers })
    this.#informed.settle()
  }

  onHead(status: number, headers: string[], reason: string): void {
    this.#note('onHead', this.head === undefined)
    this.head = { status, headers, reason }
    this.#headed.settle()
  }

  onData(chunk: Buffer): boolean {
    this.#note('onData', this.head !== undefined && chunk.length > 0)
    this.chunks.push(chunk)
    this.received += chunk.length
    this.#fed.settle()
    return this.accept(chunk)
  }

  onEnd(trailers: string[]): void {
    this.#note('onEnd', this.head !== undefined)
    this.trailers = trailers
    this.#over.settle()
  }

  onError(error: TransportError): void {
    this.#note('onError', true)
    this.error = error
    this.#over.settle()
  }

  get over(): boolean {
    return this.trailers !== undefined || this.error !== undefined
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }

  informed(): Promise<void> {
    return within(2000, 'an informational answer', this.#informed.reached)
  }

  headed(): Promise<void> {
    return within(2000, 'the head of the answer', this.#headed.reached)
  }

  fed(): Promise<void> {
    return within(2000, 'a piece of the answer', this.#fed.reached)
  }

  ended(milliseconds = 2000): Promise<void> {
    return within(milliseconds, 'the end of the exchange', this.#over.reached)
  }

  /** The exchange ended well. */
  async whole(milliseconds?: number): Promise<Head> {
    await this.ended(milliseconds)
    if (this.error !== undefined) throw this.error
    assert.ok(this.head)
    return this.head
  }

  /** The exchange ended badly. */
  async failed(milliseconds?: number): Promise<TransportError> {
    await this.ended(milliseconds)
    assert.ok(this.error, 'the exchange ended well')
    return this.error
  }

  #note(call: string, expected: boolean): void {
    if (this.silence !== undefined) this.violations.push(`${call} ${this.silence}`)
    else if (this.over) this.violations.push(`${call} after the end`)
    else if (!expected) this.violations.push(`${call} out of order`)
  }
}
