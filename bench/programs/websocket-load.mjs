// PORT PATH SECONDS CONNECTIONS: round trips of one frame at a time on each connection; the count as JSON.
import { connect } from 'node:net'
import { answeredFrame, sentFrame } from './frames.mjs'

const [port, path, seconds, connections] = process.argv.slice(2)
const handshake = [
  `GET ${path} HTTP/1.1`,
  `Host: 127.0.0.1:${port}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
let roundTrips = 0
let errors = 0
let over = false

const sockets = await Promise.all(Array.from({ length: Number(connections) }, open))
const begun = performance.now()
for (const socket of sockets) socket?.write(sentFrame)
setTimeout(finish, Number(seconds) * 1000)

/** Resolves once the protocol has changed; to nothing where it does not. */
function open() {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.setNoDelay(true)
    socket.once('connect', () => socket.write(`${handshake.join('\r\n')}\r\n\r\n`))
    socket.once('data', (head) => {
      const accepted = head.toString('latin1').startsWith('HTTP/1.1 101')
      if (accepted) socket.on('data', counter(socket))
      else errors++
      resolve(accepted ? socket : undefined)
    })
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => {
      if (!over) errors++
    })
  })
}

function counter(socket) {
  let bytes = 0
  return (chunk) => {
    for (bytes += chunk.length; bytes >= answeredFrame.length; bytes -= answeredFrame.length) {
      roundTrips++
      socket.write(sentFrame)
    }
  }
}

function finish() {
  over = true
  const elapsed = (performance.now() - begun) / 1000
  process.stdout.write(JSON.stringify({ roundTrips, perSecond: roundTrips / elapsed, errors }))
  process.exit()
}
