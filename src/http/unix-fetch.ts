import { request } from 'node:http'
import { Readable } from 'node:stream'

/** `fetch` over a unix socket, which the one of the platform has no scheme for. */
export async function unixFetch(socketPath: string, path: string, init?: RequestInit): Promise<Response> {
  const asked = new Request(`http://localhost${path}`, init)
  const { pathname, search } = new URL(asked.url)
  const body = asked.body === null ? undefined : Buffer.from(await asked.arrayBuffer())
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(asked.headers)
    const options = { socketPath, path: pathname + search, method: asked.method, headers, signal: asked.signal }
    const outgoing = request(options, (answer) => {
      const given = new Headers()
      for (let i = 0; i < answer.rawHeaders.length; i += 2)
        given.append(answer.rawHeaders[i] ?? '', answer.rawHeaders[i + 1] ?? '')
      const status = answer.statusCode ?? 502
      const isEmpty = status === 204 || status === 304
      if (isEmpty) answer.resume()
      resolve(new Response(isEmpty ? null : webStream(answer), { status, headers: given }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function webStream(source: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(source) as ReadableStream<Uint8Array>
}
