import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConformanceCase } from './conformance-case.js'

/** `idleTimeout`: how long a body may stand still. */
export const silenceCases: readonly ConformanceCase[] = [
  {
    title: 'a node that falls silent in mid-body',
    async run(bench) {
      const node = await bench.node()
      const { answer } = bench.send(node.target, {}, { idleTimeout: 100 })
      const peer = await node.peer()
      await peer.head()
      peer.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
      const error = await answer.failed(3000)
      assert.deepEqual([error.kind, error.sent], ['timeout', true])
      await peer.closed()
    },
  },
  {
    title: 'silence before the head is none of its business, nor is a sink that wants a pause',
    async run(bench) {
      const node = await bench.node()
      const { answer, exchange } = bench.send(node.target, {}, { idleTimeout: 100 })
      answer.accept = () => answer.received > 3
      const peer = await node.peer()
      await peer.head()
      await sleep(200)
      peer.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc')
      await answer.fed()
      await sleep(200)
      assert.equal(answer.error, undefined)
      exchange.resume()
      peer.write('def')
      await answer.whole()
    },
  },
  {
    title: 'each piece starts it anew, and 0 is no limit',
    async run(bench) {
      for (const idleTimeout of [150, 0]) {
        const node = await bench.node()
        const { answer } = bench.send(node.target, {}, { idleTimeout })
        const peer = await node.peer()
        await peer.head()
        peer.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
        for (const letter of 'piece') {
          await sleep(50)
          peer.write(letter)
        }
        await answer.whole()
      }
    },
  },
]
