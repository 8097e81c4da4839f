// A reverse proxy in front of a plain HTTP server: the first part of the path names the service.
// Run it: npx micro-sidecar --config examples/proxy/micro.config.ts    Then: curl 'localhost:8081/shop/cart?item=7'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineConfig } from 'micro-sidecar'

// Your server. It knows nothing of the sidecar.
const shop = createServer((request, response) => response.end(`shop got ${request.method} ${request.url}\n`))

export default defineConfig({
  handler: 'proxy',
  registry: 'memory',
  plugins: [
    {
      name: 'shop',
      async start(sidecar) {
        shop.listen(0, '127.0.0.1')
        await once(shop, 'listening')
        const { port } = shop.address() as AddressInfo
        await sidecar.registry.register({
          name: 'go.micro.srv.shop',
          version: '',
          metadata: {},
          endpoints: [],
          nodes: [{ id: 'shop-1', address: '127.0.0.1', port, metadata: {} }],
        })
      },
      stop() {
        shop.close()
        shop.closeAllConnections()
      },
    },
  ],
})
