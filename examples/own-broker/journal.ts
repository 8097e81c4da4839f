// A broker of your own: memory's, but a message is accepted only once it is written down.
import { appendFile } from 'node:fs/promises'
import { type Broker, memoryBroker } from 'micro-sidecar'

/** What must hold for every broker is in `micro-sidecar/testing`: `brokerConformance`. */
export function journalBroker(path: string): Broker {
  const memory = memoryBroker()
  return {
    name: 'journal',
    // A rejection is the publisher's 503: the disk is full, say.
    async publish(topic, message) {
      const { header, body } = message
      await appendFile(path, `${JSON.stringify({ topic, header, body: body.toString('base64') })}\n`)
      await memory.publish(topic, message)
    },
    subscribe: (topic, listener, options) => memory.subscribe(topic, listener, options),
    status: () => memory.status(),
    close: () => memory.close(),
  }
}
