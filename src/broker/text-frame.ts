/** Bytes. */
export const longestFrameHead = 10

/** Puts the head of a server's text frame in front; returns its length. */
export function writeFrameHead(bytes: Buffer, length: number): number {
  bytes[0] = 0x81
  if (length < 126) {
    bytes[1] = length
    return 2
  }
  if (length < 65_536) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
    return 4
  }
  bytes[1] = 127
  bytes.writeUInt32BE(0, 2)
  bytes.writeUInt32BE(length, 6)
  return longestFrameHead
}

/** A server's frame that holds a text whole. */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(longestFrameHead + Buffer.byteLength(text))
  const start = writeFrameHead(bytes, bytes.length - longestFrameHead)
  return bytes.subarray(0, start + bytes.write(text, start))
}
