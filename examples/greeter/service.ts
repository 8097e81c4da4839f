// A service as go-micro writes them: JSON-RPC over `POST /`. Any language with an HTTP server can do this.
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'

interface RpcRequest {
  readonly id: number
  readonly method: string
  readonly params: readonly [{ readonly name?: string }]
}

export function greeterService(): Server {
  return createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://greeter')
    const answer = request.method === 'POST' ? rpc(await text(request)) : plain(url)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
}

/** What the rpc handler calls: `{"method":"Say.Hello","params":[{"name":"John"}],"id":0}`. */
function rpc(body: string): object {
  const { id, method, params }: RpcRequest = JSON.parse(body)
  if (method !== 'Say.Hello') return { id, result: null, error: `unknown method ${method}` }
  return { id, result: hello(params[0].name), error: null }
}

/** What the proxy handler passes on as it is: `GET /greeter/hello?name=John`. */
function plain(url: URL): object {
  return hello(url.searchParams.get('name') ?? undefined)
}

function hello(name = 'stranger'): object {
  return { msg: `Hello ${name}` }
}
