// The bare Node server behind every proxy of the bench: a small answer to any GET, and go-micro's JSON-RPC on POST.
import { createServer } from 'node:http'

const TEXT = Buffer.from('x'.repeat(100))

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': TEXT.length })
    response.end(TEXT)
    return
  }
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString())
    const body = JSON.stringify({ id, result: { msg: `Hello ${params[0].name}` }, error: null })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
})

server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('listening\n'))
