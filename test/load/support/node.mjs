// A node as a process of its own, so that it can be killed, frozen and restarted: prints its port when it listens.
// Any path answers 200 with the node's name; `?status=503` and `?ms=2000` change that, `?size=1000000` adds a body.
// SIGTERM drains it. GET /arrivals tells how many requests came.
import { createServer } from 'node:http'

const [name, port = '0'] = process.argv.slice(2)
let arrivals = 0

const server = createServer({ keepAliveTimeout: 5000 }, (request, response) => {
  const url = new URL(request.url ?? '/', 'http://node')
  const of = (key, other) => Number(url.searchParams.get(key) ?? other)
  if (url.pathname === '/arrivals') return void response.end(String(arrivals))
  arrivals++
  request.resume()
  request.on('error', () => {})
  request.on('end', () => setTimeout(answer, of('ms', 0)))

  function answer() {
    response.statusCode = of('status', 200)
    if (url.searchParams.has('size')) response.end(Buffer.alloc(of('size', 0), 'x'))
    else response.end(name)
  }
})

server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
process.once('SIGTERM', () => {
  server.close(() => process.exit(0))
  // A connection whose answer ends only now is idle from then on.
  setInterval(() => server.closeIdleConnections(), 20)
})
