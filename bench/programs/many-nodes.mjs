// Thousands of nodes in one process: whatever address of 127.0.0.0/8 they are asked at, Linux brings them here.
import { createServer } from 'node:http'
import { listen } from './listen.mjs'

const body = Buffer.alloc(100, 'x')

const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length })
  response.end(body)
})
// Listening at every address it answers those of this machine alone.
server.on('connection', (socket) => {
  if (!/^(?:::ffff:)?127\./.test(socket.localAddress ?? '')) socket.destroy()
})
listen(server, '0.0.0.0')
