import type { Socket } from 'node:net'
import type { WireRequest } from '../transport.js'
import { BodyWriter } from './body-writer.js'

const SAFE = /^(?:GET|HEAD|PUT|DELETE|OPTIONS|TRACE)$/
/** Up to here a body is cheaper as a part of the head's text than as a buffer of its own. */
const SMALL = 8192

/** Whether whoever sent it may send it again: the method allows it and its body is still there. */
export function isRepeatable({ method, body }: WireRequest): boolean {
  return SAFE.test(method) && (body === null || body instanceof Uint8Array)
}

/** Sends a request at once, or, where its body is a stream, begins to; `fail` hears when the stream breaks. */
export function sendRequest(
  socket: Socket,
  { head, request: { body } }: { readonly head: string; readonly request: WireRequest },
  fail: (message: string, cause?: unknown) => void,
): BodyWriter | undefined {
  if (body === null) {
    socket.write(head, 'latin1')
  } else if (body instanceof Uint8Array) {
    writeWhole(socket, head, body)
  } else {
    const writer = new BodyWriter(socket, body, fail)
    writer.start(head)
    return writer
  }
  return undefined
}

function writeWhole(socket: Socket, head: string, body: Uint8Array): void {
  if (body.length <= SMALL) {
    socket.write(head + latin1(body), 'latin1')
  } else {
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }
}

function latin1(body: Uint8Array): string {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return bytes.toString('latin1')
}
