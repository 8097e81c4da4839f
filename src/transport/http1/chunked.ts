import { type FieldLimits, FieldScanner } from './field-scanner.js'
import { CR, isText, LF, SEMICOLON } from './octets.js'

const MAX_EXTENSION = 4096
const MAX_SIZE_DIGITS = 16

const SIZE = 0
const EXTENSION = 1
const SIZE_FEED = 2
const DATA = 3
const DATA_RETURN = 4
const DATA_FEED = 5
const TRAILERS = 6
const DONE = 7

export type TakeBody = (buffer: Buffer, from: number, to: number) => void

/** Takes a body in chunks apart, however it is split, and refuses whatever is not strictly one. */
export class ChunkedReader {
  fault: string | undefined
  readonly #trailers: FieldScanner
  readonly #take: TakeBody
  #state = DONE
  #size = 0
  #digits = 0
  #extension = 0

  constructor(limits: FieldLimits, take: TakeBody) {
    this.#trailers = new FieldScanner(limits)
    this.#take = take
  }

  begin(): void {
    this.fault = undefined
    this.#beginChunk()
  }

  /** Stops where it is: nothing more is taken. */
  stop(): void {
    this.#state = DONE
  }

  get done(): boolean {
    return this.#state === DONE
  }

  trailers(): string[] {
    return this.#trailers.fields()
  }

  /** Reads on from `from`; returns where the body, or what is here, ends. */
  read(buffer: Buffer, from: number, to: number): number {
    let at = from
    while (at < to && this.#state !== DONE && this.fault === undefined) at = this.#step(buffer, at, to)
    return at
  }

  #step(buffer: Buffer, at: number, to: number): number {
    switch (this.#state) {
      case SIZE:
        return this.#readSize(buffer, at)
      case EXTENSION:
        return this.#readExtension(buffer, at, to)
      case SIZE_FEED:
        return this.#expect(buffer[at] === LF, this.#size > 0 ? DATA : this.#beginTrailers(), at)
      case DATA:
        return this.#readData(buffer, at, to)
      case DATA_RETURN:
        return this.#expect(buffer[at] === CR, DATA_FEED, at)
      case DATA_FEED:
        this.#beginChunk()
        return this.#expect(buffer[at] === LF, SIZE, at)
      default:
        return this.#readTrailers(buffer, at, to)
    }
  }

  #beginChunk(): void {
    this.#state = SIZE
    this.#size = 0
    this.#digits = 0
    this.#extension = 0
  }

  #beginTrailers(): number {
    this.#trailers.begin(false)
    return TRAILERS
  }

  #readSize(buffer: Buffer, at: number): number {
    const octet = buffer[at] as number
    const digit = hexDigit(octet)
    if (digit < 0) return this.#endSize(octet, at)
    this.#size = this.#size * 16 + digit
    if (++this.#digits > MAX_SIZE_DIGITS || this.#size > Number.MAX_SAFE_INTEGER) this.fault = 'a chunk is too long'
    return at + 1
  }

  #endSize(octet: number, at: number): number {
    if (this.#digits > 0 && octet === CR) this.#state = SIZE_FEED
    else if (this.#digits > 0 && octet === SEMICOLON) this.#state = EXTENSION
    else this.fault = 'the size of a chunk is no number'
    return at + 1
  }

  #readExtension(buffer: Buffer, from: number, to: number): number {
    let at = from
    while (at < to && isText[buffer[at] as number] === 1) at++
    this.#extension += at - from
    if (this.#extension > MAX_EXTENSION) this.fault = 'the extension of a chunk is too long'
    return at < to ? this.#expect(buffer[at] === CR, SIZE_FEED, at) : at
  }

  #readData(buffer: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#size)
    this.#size -= end - from
    if (this.#size === 0) this.#state = DATA_RETURN
    this.#take(buffer, from, end)
    return end
  }

  #readTrailers(buffer: Buffer, at: number, to: number): number {
    const end = this.#trailers.scan(buffer, at, to)
    this.fault = this.#trailers.fault
    if (this.#trailers.done) this.#state = DONE
    return end
  }

  #expect(holds: boolean, next: number, at: number): number {
    if (holds) this.#state = next
    else this.fault = 'a chunk does not end where it should'
    return at + 1
  }
}

/** 0 to 15, or -1. */
function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30
  const letter = octet | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
