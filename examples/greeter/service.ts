// A service as go-micro writes them: JSON-RPC over `POST /`. Any language with an HTTP server can do this.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

interface RpcRequest {
  readonly id: number
  readonly method: string
  readonly params: readonly [{ readonly name?: string } | null]
}

export function greeterService(): Server {
  return createServer(async (request, response) => {
    // An error that nobody catches would end the process, and the sidecar with it.
    try {
      send(response, 200, await answer(request))
    } catch (error) {
      send(response, 400, { error: String(error) })
    }
  })
}

async function answer(request: IncomingMessage): Promise<object> {
  if (request.method === 'POST') return rpc(await text(request))
  return plain(new URL(request.url ?? '/', 'http://greeter'))
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** What the rpc handler calls: `{"method":"Say.Hello","params":[{"name":"John"}],"id":0}`. */
function rpc(body: string): object {
  const { id, method, params }: RpcRequest = JSON.parse(body)
  if (method !== 'Say.Hello') return { id, result: null, error: `unknown method ${method}` }
  return { id, result: hello(params[0]?.name), error: null }
}

/** What the proxy handler passes on as it is: `GET /greeter/hello?name=John`. */
function plain(url: URL): object {
  return hello(url.searchParams.get('name') ?? undefined)
}

function hello(name = 'stranger'): object {
  return { msg: `Hello ${name}` }
}
