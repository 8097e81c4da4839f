// The broker that stands beside this file, in a plugin, with an option of its own.
// Run it: npx micro-sidecar --config examples/own-broker/micro.config.ts
// Then:   npx micro-sidecar subscribe orders    and    curl -d 'a book' 'localhost:8081/broker?topic=orders'
import { defineConfig, definePlugin } from 'micro-sidecar'
import { journalBroker } from './journal.ts'

export default defineConfig({
  registry: 'memory',
  broker: { name: 'journal', path: 'orders.jsonl' },
  plugins: [definePlugin({ name: 'journal', broker: ({ path }) => journalBroker(String(path)) })],
})
