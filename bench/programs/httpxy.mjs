import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'httpxy'
import { ignoreErrors, listen } from './listen.mjs'

const proxy = createProxyServer({
  target: process.argv[3],
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
})
proxy.on('error', (_error, _request, response) => response?.destroy())

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  proxy.web(request, response).catch(() => response.destroy())
})
server.on('upgrade', (request, socket, head) => {
  ignoreErrors(socket)
  proxy.ws(request, socket, {}, head).catch(() => socket.destroy())
})
listen(server)
