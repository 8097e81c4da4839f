// The bare Node server behind every proxy: a small answer or one of 10 MB to any GET, go-micro's JSON-RPC on POST, and
// an echo behind a WebSocket's handshake.
import { createServer } from 'node:http'
import { acceptEcho } from './echo.mjs'
import { listen } from './listen.mjs'

const small = Buffer.alloc(100, 'x')
const large = Buffer.alloc(10 * 1024 * 1024, 'x')

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.method === 'POST') answerCall(request, response)
  else answerText(response, request.url.endsWith('/large') ? large : small)
})
server.on('upgrade', acceptEcho)
listen(server)

function answerText(response, body) {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length })
  response.end(body)
}

function answerCall(request, response) {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString())
    const body = JSON.stringify({ id, result: { msg: `Hello ${params[0].name}` }, error: null })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
}
