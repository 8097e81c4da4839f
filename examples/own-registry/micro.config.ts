// A registry of one's own, chosen by its plugin's name. The inventory it reads is served here too, and so is the shop.
// Run it: npx micro-sidecar --config examples/own-registry/micro.config.ts    Then: curl localhost:8081/shop/cart
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineConfig, definePlugin } from 'micro-sidecar'
import { inventory } from './inventory.ts'

// Yours run elsewhere.
const shop = await listening(createServer((request, response) => response.end(`shop got ${request.url}\n`)))
const nodes = [{ id: 'shop-1', address: '127.0.0.1', port: shop, metadata: {} }]
const services = [{ name: 'go.micro.srv.shop', version: '', metadata: {}, endpoints: [], nodes }]
const page = await listening(createServer((_request, response) => response.end(JSON.stringify(services))))

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export default defineConfig({
  handler: 'proxy',
  registry: { name: 'inventory', url: `http://127.0.0.1:${page}/`, every: 1000 },
  plugins: [definePlugin({ name: 'inventory', registry: inventory })],
})
