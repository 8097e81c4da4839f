// A subscriber that is a process of its own: prints the body of each message, one a line.
import { WebSocket } from 'ws'

const socket = new WebSocket(process.argv[2], { perMessageDeflate: false })
socket.on('open', () => process.stdout.write('open\n'))
socket.on('message', (data) => {
  const { Body } = JSON.parse(data.toString())
  process.stdout.write(`${Buffer.from(Body, 'base64')}\n`)
})
