import { CLASS_IN, type DnsMessage, type DnsQuestion, type DnsRecord, LONGEST_NAME, TYPE } from './dns-message.js'

const mostQuestions = 64
const mostRecords = 512
const mostHops = 128

/** `undefined` for what is no message, or one with more in it than discovery has use for. Never throws. */
export function readMessage(bytes: Buffer): DnsMessage | undefined {
  try {
    return new MessageReader(bytes).message()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reading past an end is a RangeError, Buffer's own or one thrown here. */
class MessageReader {
  readonly #bytes: Buffer
  readonly #names = new Map<number, ReadName>()
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  message(): DnsMessage | undefined {
    const [id, flags] = [this.#uint16(), this.#uint16()]
    const [questions, answers, authorities, additionals] = [
      this.#uint16(),
      this.#uint16(),
      this.#uint16(),
      this.#uint16(),
    ]
    const isOther = (flags & operationAndStatus) !== 0
    if (isOther || questions > mostQuestions || answers + authorities + additionals > mostRecords) return undefined
    const asked = Array.from({ length: questions }, () => this.#question())
    const records = this.#records(answers)
    // What a prober means to use is not there yet.
    this.#records(authorities)
    records.push(...this.#records(additionals))
    return { id, isResponse: (flags & responseFlag) !== 0, questions: asked, records }
  }

  #question(): DnsQuestion {
    return { name: this.#name(), type: this.#uint16(), class: this.#uint16() }
  }

  #records(count: number): DnsRecord[] {
    return Array.from({ length: count }, () => this.#record()).filter((record) => record !== undefined)
  }

  #record(): DnsRecord | undefined {
    const [name, type, place, ttl, length] = [
      this.#name(),
      this.#uint16(),
      this.#uint16(),
      this.#uint32(),
      this.#uint16(),
    ]
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('a record ends behind its message')
    const record = (place & classBits) === CLASS_IN ? this.#data(name, type, ttl, end) : undefined
    this.#at = end
    return record
  }

  #data(name: string, type: number, ttl: number, end: number): DnsRecord | undefined {
    const length = end - this.#at
    if (type === TYPE.PTR) return { type: 'PTR', name, ttl, target: this.#name() }
    if (type === TYPE.TXT) return { type: 'TXT', name, ttl, strings: this.#strings(end) }
    if (type === TYPE.A && length === 4) return { type: 'A', name, ttl, address: this.#take(4).join('.') }
    if (type === TYPE.AAAA && length === 16) return { type: 'AAAA', name, ttl, address: ipv6(this.#take(16)) }
    if (type !== TYPE.SRV) return undefined
    this.#take(4)
    return { type: 'SRV', name, ttl, port: this.#uint16(), target: this.#name() }
  }

  #strings(end: number): string[] {
    const strings: string[] = []
    while (this.#at < end) {
      const length = this.#take(1)[0] ?? 0
      if (this.#at + length > end) throw new RangeError('a text ends behind its record')
      strings.push(this.#take(length).toString('latin1'))
    }
    return strings
  }

  #name(): string {
    const { text, end } = this.#nameAt(this.#at, 0)
    this.#at = end
    return text
  }

  /** A pointer may only lead back, so that following pointers ends; what it leads to is read once a message. */
  #nameAt(start: number, hops: number): ReadName {
    const labels: string[] = []
    let [at, length] = [start, 1]
    let size = this.#bytes.readUInt8(at)
    for (; size !== 0 && size < unusedMark; size = this.#bytes.readUInt8(at)) {
      length += size + 1
      labels.push(label(this.#slice(at + 1, size)))
      at += size + 1
    }
    if (size !== 0) {
      const target = this.#bytes.readUInt16BE(at) & pointerBits
      if (size < pointerMark || target >= start || hops > mostHops) throw new RangeError('a name leads nowhere')
      const rest = this.#names.get(target) ?? this.#nameAt(target, hops + 1)
      length += rest.length - 1
      if (rest.text !== '') labels.push(rest.text)
    }
    if (length > LONGEST_NAME) throw new RangeError('a name is too long')
    const name = { text: labels.join('.'), length, end: at + (size === 0 ? 1 : 2) }
    this.#names.set(start, name)
    return name
  }

  #uint16(): number {
    this.#at += 2
    return this.#bytes.readUInt16BE(this.#at - 2)
  }

  #uint32(): number {
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  #take(length: number): Buffer {
    const part = this.#slice(this.#at, length)
    this.#at += length
    return part
  }

  #slice(start: number, length: number): Buffer {
    if (start + length > this.#bytes.length) throw new RangeError('the message ends too early')
    return this.#bytes.subarray(start, start + length)
  }
}

interface ReadName {
  readonly text: string
  /** In bytes, written out. */
  readonly length: number
  /** Where it ends in the message. */
  readonly end: number
}

const responseFlag = 0x8000
const operationAndStatus = 0x780f
const classBits = 0x7fff
const pointerMark = 0xc0
const pointerBits = 0x3fff
const unusedMark = 0x40

/** A label with a dot in it is none of go-micro's; it must not look like two. */
function label(bytes: Buffer): string {
  return bytes.toString().replaceAll('.', '\uFFFD')
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
