/** The text of a well-formed JSON string whose quotes stand at `start` and just before `end`. */
export function stringAt(bytes: Uint8Array, start: number, end: number): string {
  const literal = textAt(bytes, start, end)
  // A single string has neither digits to lose nor depth, so the runtime may unescape it.
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
}

/** The bytes of a span as text. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}
