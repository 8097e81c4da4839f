import { COLON, CR, isText, isToken, LF, SPACE, TAB } from './octets.js'

export interface FieldLimits {
  readonly maxHeaderBytes: number
  readonly maxHeaderCount: number
}

const START_LINE = 0
const LINE = 1
const NAME = 2
const PADDING = 3
const VALUE = 4
const LINE_FEED = 5
const LAST_FEED = 6
const DONE = 7

/**
 * Reads a block of header lines up to and with its empty line, however it is split, and refuses whatever is not
 * strictly one. Every byte is looked at once; the text is made into a string once, and headers are slices of it.
 */
export class FieldScanner {
  /** Why the block is refused. */
  fault: string | undefined
  readonly #limits: FieldLimits
  /** Where each name starts, each name ends, each value starts, each value ends. */
  readonly #marks: number[] = []
  #markCount = 0
  #state = DONE
  #text = ''
  #startLineEnd = 0

  constructor(limits: FieldLimits) {
    this.#limits = limits
  }

  /** Awaits a block that has, or has not, a line before its headers. */
  begin(startLine: boolean): void {
    this.fault = undefined
    this.#state = startLine ? START_LINE : LINE
    this.#text = ''
    this.#markCount = 0
    this.#startLineEnd = 0
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /** Bytes seen so far; all of them, once it is done. */
  get size(): number {
    return this.#text.length
  }

  /** The line before the headers; undefined while it is not all here. */
  get startLine(): string | undefined {
    return this.#startLineEnd > 0 ? this.#text.slice(0, this.#startLineEnd) : undefined
  }

  /** What is here of the line before the headers. */
  get beginning(): string {
    return this.#text
  }

  /** Flat: name, value, … */
  fields(): string[] {
    const fields: string[] = []
    const text = this.#text
    const marks = this.#marks
    for (let mark = 0; mark < this.#markCount; mark += 4) {
      fields.push(text.slice(marks[mark], marks[mark + 1]), slice(text, marks[mark + 2] ?? 0, marks[mark + 3] ?? 0))
    }
    return fields
  }

  /** Reads on from `from`; returns where the block, or what is here, ends. */
  scan(buffer: Buffer, from: number, to: number): number {
    const allowed = this.#limits.maxHeaderBytes - this.#text.length
    const end = this.#run(buffer, from, Math.min(to, from + allowed))
    if (this.fault === undefined && this.#state !== DONE && to - from >= allowed)
      this.fault = 'its headers are too long'
    this.#text += buffer.toString('latin1', from, end)
    return end
  }

  #run(buffer: Buffer, from: number, to: number): number {
    const shift = this.#text.length - from
    let at = from
    while (at < to && this.#state !== DONE && this.fault === undefined) at = this.#step(buffer, at, to, shift)
    return at
  }

  #step(buffer: Buffer, at: number, to: number, shift: number): number {
    switch (this.#state) {
      case NAME:
        return this.#name(buffer, skip(isToken, buffer, at, to), to, shift)
      case PADDING:
        return this.#padding(buffer, at, to, shift)
      case VALUE:
        return this.#value(buffer, skip(isText, buffer, at, to), to, shift)
      case LINE_FEED:
        return this.#expect(buffer[at] === LF, LINE, 'a line end is not CR LF', at + 1)
      case LINE:
        return this.#line(buffer, at, shift)
      case LAST_FEED:
        return this.#expect(buffer[at] === LF, DONE, 'a line end is not CR LF', at + 1)
      default:
        return this.#start(buffer, skip(isText, buffer, at, to), to, shift)
    }
  }

  #start(buffer: Buffer, at: number, to: number, shift: number): number {
    if (at === to) return at
    this.#startLineEnd = at + shift
    return this.#expect(buffer[at] === CR, LINE_FEED, 'its first line holds what it must not', at + 1)
  }

  #line(buffer: Buffer, at: number, shift: number): number {
    if (buffer[at] === CR) return this.#expect(true, LAST_FEED, '', at + 1)
    this.#mark(at + shift)
    this.#state = NAME
    return at
  }

  #name(buffer: Buffer, at: number, to: number, shift: number): number {
    if (at === to) return at
    const isEmpty = this.#marks[this.#markCount - 1] === at + shift
    this.#mark(at + shift)
    if (this.#markCount > 4 * this.#limits.maxHeaderCount) this.fault = 'it has too many headers'
    return this.#expect(buffer[at] === COLON && !isEmpty, PADDING, 'a header name is none', at + 1)
  }

  #padding(buffer: Buffer, at: number, to: number, shift: number): number {
    while (at < to && (buffer[at] === SPACE || buffer[at] === TAB)) at++
    if (at < to) {
      this.#mark(at + shift)
      this.#state = VALUE
    }
    return at
  }

  #value(buffer: Buffer, at: number, to: number, shift: number): number {
    if (at === to) return at
    this.#mark(at + shift)
    return this.#expect(buffer[at] === CR, LINE_FEED, 'a header value holds what it must not', at + 1)
  }

  #mark(at: number): void {
    this.#marks[this.#markCount++] = at
  }

  /** Goes to the next state, or refuses; returns where to read on. */
  #expect(holds: boolean, next: number, fault: string, at: number): number {
    if (holds) this.#state = next
    else this.fault ??= fault
    return at
  }
}

function skip(table: Uint8Array, buffer: Buffer, from: number, to: number): number {
  let at = from
  while (at < to && table[buffer[at] as number] === 1) at++
  return at
}

/** Without the white space behind a value. */
function slice(text: string, from: number, to: number): string {
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}
