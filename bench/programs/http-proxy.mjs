// http-proxy as its users run it well: with a keep-alive agent.
import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'
import { ignoreErrors, listen } from './listen.mjs'

const proxy = httpProxy.createProxyServer({
  target: process.argv[3],
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
})
proxy.on('error', (_error, _request, response) => response.destroy())

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => proxy.web(request, response))
server.on('upgrade', (request, socket, head) => {
  ignoreErrors(socket)
  proxy.ws(request, socket, head)
})
listen(server)
