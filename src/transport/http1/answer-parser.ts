import { AnswerHead } from './answer-head.js'
import { ChunkedReader } from './chunked.js'
import { type FieldLimits, FieldScanner } from './field-scanner.js'

const MAX_INFORMATION = 16
const MAX_INFORMATION_BYTES = 65_536
const EVERY_START = 'HTTP/1.'

const HEAD = 0
const LENGTH = 1
const CHUNKS = 2
const UNTIL_END = 3
const DONE = 4

/** What has been looked at of a head that is not all here: looked at anew with each byte, it would take for ever. */
const NOTHING = 0
const PROTOCOL = 1
const START_LINE = 2

export interface AnswerReceiver {
  information(status: number, headers: string[]): void
  head(head: AnswerHead): void
  /** The bytes belong to the buffer's owner: copy what has to last. */
  body(buffer: Buffer, from: number, to: number): void
}

/** Reads one answer after another from a connection's bytes, however they are split. Never throws by itself. */
export class AnswerParser {
  /** Why the answer is refused; nothing is read after that. */
  fault: string | undefined
  /** Of the answer that is done. */
  trailers: string[] = []
  /** Of the answer that was read last; the next one overwrites it. */
  readonly head = new AnswerHead()
  readonly #receiver: AnswerReceiver
  readonly #scanner: FieldScanner
  readonly #chunks: ChunkedReader
  #state = DONE
  #known = NOTHING
  #bodiless = false
  #remaining = 0
  #informed = 0
  #informedBytes = 0

  constructor(receiver: AnswerReceiver, limits: FieldLimits) {
    this.#receiver = receiver
    this.#scanner = new FieldScanner(limits)
    this.#chunks = new ChunkedReader(limits, (buffer, from, to) => receiver.body(buffer, from, to))
  }

  /** Awaits the next answer; one to HEAD has no body whatever it says. */
  begin(isHead: boolean): void {
    this.fault = undefined
    this.trailers = []
    this.#bodiless = isHead
    this.#informed = 0
    this.#informedBytes = 0
    this.#beginHead()
  }

  /** Nothing more is read, nor handed over. */
  stop(): void {
    this.#state = DONE
    this.#chunks.stop()
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /** The end of the connection is the end of the answer, and a good one. */
  get endsWithConnection(): boolean {
    return this.#state === UNTIL_END
  }

  /** What is read is an answer with a body of its own, be it empty. */
  get hasBody(): boolean {
    return !this.#bodiless
  }

  /** The head of the final answer is still awaited. */
  get awaitsHead(): boolean {
    return this.#state === HEAD
  }

  /** Reads the first `to` bytes; returns where the answer, or what is here of it, ends. */
  read(buffer: Buffer, to: number): number {
    let at = 0
    while (at < to && this.#state !== DONE && this.fault === undefined) at = this.#step(buffer, at, to)
    return at
  }

  #step(buffer: Buffer, at: number, to: number): number {
    switch (this.#state) {
      case HEAD:
        return this.#readHead(buffer, at, to)
      case LENGTH:
        return this.#readLength(buffer, at, to)
      case CHUNKS:
        return this.#readChunks(buffer, at, to)
      default:
        this.#receiver.body(buffer, at, to)
        return to
    }
  }

  #beginHead(): void {
    this.#state = HEAD
    this.#known = NOTHING
    this.#scanner.begin(true)
  }

  #readHead(buffer: Buffer, at: number, to: number): number {
    const end = this.#scanner.scan(buffer, at, to)
    this.fault = this.#scanner.fault ?? (this.#scanner.done ? this.#endHead(to - end) : this.#beginningFault())
    return end
  }

  /** Refuses another protocol at its first bytes instead of waiting for more of it. */
  #beginningFault(): string | undefined {
    if (this.#known === START_LINE) return undefined
    const { startLine } = this.#scanner
    if (startLine !== undefined) {
      this.#known = START_LINE
      return this.head.readStatusLine(startLine)
    }
    if (this.#known === PROTOCOL) return undefined
    const { beginning } = this.#scanner
    if (beginning.length >= EVERY_START.length) this.#known = PROTOCOL
    const isLike = beginning.startsWith(EVERY_START) || EVERY_START.startsWith(beginning)
    return isLike ? undefined : 'it does not begin as HTTP/1.1'
  }

  #endHead(surplus: number): string | undefined {
    const { head } = this
    const fault = head.readStatusLine(this.#scanner.startLine ?? '') ?? head.readHeaders(this.#scanner.fields())
    if (fault !== undefined) return fault
    return head.status < 200 ? this.#inform(head) : this.#beginBody(head, surplus)
  }

  #inform(head: AnswerHead): string | undefined {
    if (head.status === 101) return 'it changes the protocol unasked'
    this.#informedBytes += this.#scanner.size
    if (++this.#informed > MAX_INFORMATION || this.#informedBytes > MAX_INFORMATION_BYTES) {
      return 'there is no end of informational answers'
    }
    this.#beginHead()
    this.#receiver.information(head.status, head.headers)
    return undefined
  }

  #beginBody(head: AnswerHead, surplus: number): string | undefined {
    this.#remaining = head.length ?? 0
    this.#state = this.#bodyState(head)
    // Seen before anything was handed over, so that the caller hears of it in place of an answer.
    if (this.#state === LENGTH && surplus > this.#remaining) return 'it goes on behind its end'
    if (this.#state === LENGTH && this.#remaining === 0) this.#state = DONE
    if (this.#state === CHUNKS) this.#chunks.begin()
    this.#receiver.head(head)
    return undefined
  }

  #bodyState(head: AnswerHead): number {
    if (head.status === 204 || head.status === 304) this.#bodiless = true
    if (this.#bodiless) return DONE
    if (head.chunked) return CHUNKS
    return head.length === undefined ? UNTIL_END : LENGTH
  }

  #readLength(buffer: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#remaining)
    this.#remaining -= end - at
    if (this.#remaining === 0) this.#state = DONE
    this.#receiver.body(buffer, at, end)
    return end
  }

  #readChunks(buffer: Buffer, at: number, to: number): number {
    const end = this.#chunks.read(buffer, at, to)
    this.fault = this.#chunks.fault
    if (this.fault === undefined && this.#chunks.done && this.#state !== DONE) {
      this.trailers = this.#chunks.trailers()
      this.#state = DONE
    }
    return end
  }
}
