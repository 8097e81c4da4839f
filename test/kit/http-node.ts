import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listen } from './sidecar.js'

export interface HttpNode {
  readonly port: number
  readonly requests: IncomingMessage[]
  /** Connections accepted so far. */
  readonly connections: number
}

/** A node on `node:http`, closed after the test. */
export async function httpNode(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpNode> {
  const requests: IncomingMessage[] = []
  let connections = 0
  const server = createServer((request, response) => {
    requests.push(request)
    request.on('error', () => {})
    response.on('error', () => {})
    answer(request, response)
  })
  server.on('connection', (socket) => {
    connections++
    socket.on('error', () => {})
  })
  const close = server.close.bind(server)
  server.close = (callback) => {
    close(callback)
    server.closeAllConnections()
    return server
  }
  const port = await listen(server)
  return {
    port,
    requests,
    get connections() {
      return connections
    },
  }
}

/** Reads a request's body whole. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
