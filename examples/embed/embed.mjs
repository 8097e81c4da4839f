// A sidecar inside your own program. Run it: node examples/embed/embed.mjs
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { createSidecar } from 'micro-sidecar'

// A service to call; yours runs elsewhere, and in any language.
const greeter = createServer(async (request, response) => {
  const { id, params } = await json(request)
  response.end(JSON.stringify({ id, result: { msg: `Hello ${params[0].name}` }, error: null }))
})
await new Promise((resolve) => greeter.listen(0, '127.0.0.1', resolve))

const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory', log: { level: 'warn' } })
await sidecar.start()
await sidecar.registry.register({
  name: 'go.micro.srv.greeter',
  version: '1.0.0',
  metadata: {},
  endpoints: [],
  nodes: [{ id: 'greeter-1', address: '127.0.0.1', port: greeter.address().port, metadata: {} }],
})

const hello = await sidecar.call('go.micro.srv.greeter', 'Say.Hello', { name: 'John' })
process.stdout.write(`${hello.msg}, through ${sidecar.url}\n`)

await sidecar.stop()
greeter.close()
