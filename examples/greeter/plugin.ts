// A plugin that starts the greeter on a free port beside the sidecar, and registers it.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { definePlugin } from 'micro-sidecar'
import { greeterService } from './service.ts'

export function greeter() {
  const server = greeterService()
  return definePlugin({
    name: 'greeter',
    async start(sidecar) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await sidecar.registry.register({
        name: `${sidecar.config.namespace}.greeter`,
        version: '1.0.0',
        metadata: {},
        endpoints: [
          {
            name: 'Say.Hello',
            request: { name: 'Request', type: 'Request', values: [NAME] },
            response: null,
            metadata: {},
          },
        ],
        nodes: [{ id: 'greeter-1', address: '127.0.0.1', port, metadata: {} }],
      })
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  })
}

const NAME = { name: 'name', type: 'string', values: null }
