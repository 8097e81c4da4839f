// http-proxy as its users run it well: with a keep-alive agent.
import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'

const [port, target] = process.argv.slice(2)
const proxy = httpProxy.createProxyServer({
  target,
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
})
proxy.on('error', (_error, _request, response) => response.destroy())

createServer((request, response) => proxy.web(request, response)).listen(Number(port), '127.0.0.1', () => {
  process.stdout.write('listening\n')
})
