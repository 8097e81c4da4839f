// Publish and subscribe: from within, by HTTP, and in a queue. Run it: node examples/broker/broker.mjs
import { createSidecar } from 'micro-sidecar'

const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory' })
await sidecar.start()

const print = (text) => process.stdout.write(`${text}\n`)

// Two workers that share the orders, and an auditor who sees all of them.
for (const worker of ['anne', 'ben']) {
  await sidecar.broker.subscribe('orders', ({ body }) => print(`${worker} packs ${body}`), { queue: 'packers' })
}
const audited = new Promise((resolve) => {
  const seen = []
  sidecar.broker.subscribe('orders', ({ header, body }) => {
    if (seen.push(`${body} (${header['Content-Type'] ?? header['content-type']})`) === 2) resolve(seen)
  })
})

// From within.
const header = { 'Content-Type': 'text/plain' }
await sidecar.broker.publish('orders', { header, body: Buffer.from('a book') })

// From any language: curl -d 'a lamp' 'localhost:8081/broker?topic=orders'
const answer = await sidecar.fetch('/broker?topic=orders', { method: 'POST', body: 'a lamp', headers: header })
if (answer.status !== 200) throw new Error(`not accepted: ${await answer.text()}`)

print(`audited: ${(await audited).join(', ')}`)
await sidecar.stop()
