import type { ServerResponse } from 'node:http'

/**
 * Ends an answer with its small body. As latin1 the body joins the head in one string, byte for byte; and uncorked
 * before the end it leaves in one plain write, where `end(body)` makes a vectored one of it and an empty piece.
 */
export function endInOneWrite(response: ServerResponse, body: Uint8Array): void {
  response.write(buffered(body).toString('latin1'), 'latin1')
  response.socket?.uncork()
  response.end()
}

function buffered(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
