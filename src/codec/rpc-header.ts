/** The small protobuf message in front of a protobuf body: the method called, or the error that came of it. */
export function encodeRequestHeader(method: string): Buffer {
  const name = Buffer.from(method)
  // The sequence number is 0: one connection carries one call at a time.
  return Buffer.concat([Buffer.from([METHOD, ...varint(name.length)]), name, Buffer.from([SEQUENCE]), Buffer.alloc(8)])
}

/** The error in a response header, `''` for none; `undefined` when the bytes are no such message. */
export function decodeResponseError(bytes: Buffer): string | undefined {
  let error = ''
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at)
    if (tag === undefined || tag.value < FIRST_TAG) return undefined
    const field = readField(bytes, tag.end, tag.value)
    if (field === undefined) return undefined
    if (tag.value === ERROR) error = bytes.toString('utf8', field.start, field.end)
    else if (Math.floor(tag.value / 8) === ERROR >> 3) return undefined
    at = field.end
  }
  return error
}

/** Tags: the number of the field times 8, and how it is written (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes). */
const METHOD = (1 << 3) | 2
const SEQUENCE = (2 << 3) | 1
const ERROR = (3 << 3) | 2
const FIRST_TAG = 1 << 3

function readField(bytes: Buffer, at: number, tag: number): { start: number; end: number } | undefined {
  switch (tag % 8) {
    case 0: {
      const number = readVarint(bytes, at)
      return number && within(bytes, at, number.end)
    }
    case 1:
      return within(bytes, at, at + 8)
    case 2: {
      const length = readVarint(bytes, at)
      return length && within(bytes, length.end, length.end + length.value)
    }
    case 5:
      return within(bytes, at, at + 4)
    default:
      return undefined
  }
}

function within(bytes: Buffer, start: number, end: number): { start: number; end: number } | undefined {
  return end <= bytes.length ? { start, end } : undefined
}

/** Above 2^53 the value is not exact; nothing that long fits into a buffer anyhow. */
function readVarint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: at + index + 1 }
  }
  return undefined
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
