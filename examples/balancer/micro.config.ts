// A plugin with a balancer of its own: a caller stays with one node. Two greeters run, and tell which one answered.
// Run it: npx micro-sidecar --config examples/balancer/micro.config.ts    Then: curl localhost:8081/greeter/whoami
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineConfig, definePlugin } from 'micro-sidecar'

const sticky = definePlugin({
  name: 'sticky',
  balancer: {
    name: 'sticky',
    // The highest score wins, so when a node leaves only its own callers move.
    pick: (candidates, call) =>
      candidates.reduce((best, node) =>
        score(node.id, call.remoteAddress) > score(best.id, call.remoteAddress) ? node : best,
      ),
  },
})

function score(node: string, caller = ''): number {
  return createHash('sha1').update(`${node} ${caller}`).digest().readUInt32BE()
}

const twoGreeters = () => {
  const servers = ['one', 'two'].map((name) => createServer((_request, response) => response.end(`${name}\n`)))
  return definePlugin({
    name: 'two-greeters',
    async start(sidecar) {
      for (const [index, server] of servers.entries()) {
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        const { port } = server.address() as AddressInfo
        await sidecar.registry.register({
          name: 'go.micro.srv.greeter',
          version: '',
          metadata: {},
          endpoints: [],
          nodes: [{ id: `greeter-${index}`, address: '127.0.0.1', port, metadata: {} }],
        })
      }
    },
    stop() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  })
}

export default defineConfig({
  handler: 'proxy',
  registry: 'memory',
  client: { balancer: 'sticky' },
  plugins: [twoGreeters(), sticky],
})
