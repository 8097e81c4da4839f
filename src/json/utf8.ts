/** The offset of the first byte that is not UTF-8, or -1. For telling where; `buffer.isUtf8` is the fast question. */
export function invalidUtf8At(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) return at
    at += length
  }
  return -1
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const second = bytes[at + 1] ?? 0
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second) || isForbiddenPair(first, second)) return 0
  if (first < 0xe0) return 2
  if (!isContinuation(bytes[at + 2] ?? 0)) return 0
  if (first < 0xf0) return 3
  return isContinuation(bytes[at + 3] ?? 0) ? 4 : 0
}

/** Overlong forms, surrogates, and what lies beyond U+10FFFF. */
function isForbiddenPair(first: number, second: number): boolean {
  return (
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f)
  )
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
