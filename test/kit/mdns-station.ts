import { createInterface } from 'node:readline'
import { mdnsRegistry } from '../../src/registry/mdns.js'

// A registry in a process of its own: a command a line on its input, an answer or an event a line on its output.
const registry = mdnsRegistry({ log: { warn: (msg) => say({ warn: msg }) } })
registry.watch(({ action, service: { name, nodes } }) =>
  say({ event: `${action} ${name}`, ids: nodes.map(({ id }) => id) }),
)

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ttl, ...rest }: { command: string; ttl?: number; name: string; address: string } = JSON.parse(line)
  const nodes = [{ id: `${rest.name}-1`, address: rest.address, port: 9090, metadata: {} }]
  const service = { name: rest.name, version: '1', metadata: {}, endpoints: [], nodes }
  if (command === 'register') await registry.register(service, ttl === undefined ? {} : { ttl })
  if (command === 'deregister') await registry.deregister(service)
  if (command === 'get') say({ found: (await registry.getService(rest.name)).flatMap((one) => one.nodes) })
}
await registry.close()

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}
