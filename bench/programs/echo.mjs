import { createHash } from 'node:crypto'
import { answeredFrame, sentFrame } from './frames.mjs'
import { ignoreErrors } from './listen.mjs'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Accepts a WebSocket and answers each frame of the known length with its echo, on the bare socket. */
export function acceptEcho(request, socket, head) {
  ignoreErrors(socket)
  socket.setNoDelay(true)
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${guid}`).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`)
  let bytes = 0
  const take = (chunk) => {
    for (bytes += chunk.length; bytes >= sentFrame.length; bytes -= sentFrame.length) socket.write(answeredFrame)
  }
  take(head)
  socket.on('data', take)
  socket.on('end', () => socket.end())
}
