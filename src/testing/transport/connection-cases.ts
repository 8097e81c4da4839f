import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ConformanceCase } from './conformance-case.js'
import { counter } from './scripted-node.js'
import { Signal } from './signal.js'

/** Where connections come from, how many there are, and how the transport closes. */
export const connectionCases: readonly ConformanceCase[] = [
  {
    title: 'a host name',
    async run(bench) {
      const node = await bench.node(counter)
      await bench.send({ address: 'localhost', port: node.target.port }).answer.whole()
    },
  },
  {
    title: 'an IPv6 address',
    async run(bench) {
      const node = await bench.node(counter, '::1')
      await bench.send({ address: '::1', port: node.target.port }).answer.whole()
    },
  },
  {
    title: 'at most `connections` a node; the others wait for their turn, in order',
    limits: { connections: 3 },
    async run(bench) {
      const node = await bench.node(counter)
      const all = Array.from({ length: 30 }, (_, index) => bench.send(node.target, { path: `/${index}` }))
      await Promise.all(all.map(({ answer }) => answer.whole()))
      assert.equal(node.peers.length, 3)
    },
  },
  {
    title: 'each node has its own connections',
    limits: { connections: 1 },
    async run(bench) {
      const [busy, free] = [await bench.node(), await bench.node(counter)]
      bench.send(busy.target).answer.accept = () => true
      await bench.send(free.target).answer.whole()
      ;(await busy.peer()).answer('ok')
    },
  },
  {
    title: 'connectTimeout: no connection becomes free in time',
    limits: { connections: 1 },
    async run(bench) {
      const node = await bench.node()
      const first = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      const second = bench.send(node.target, {}, { connectTimeout: 60 })
      const error = await second.answer.failed()
      assert.deepEqual([error.kind, error.sent], ['timeout', false])
      peer.answer('ok')
      await first.answer.whole()
    },
  },
  {
    title: 'connectTimeout: a node that accepts no connection',
    async run(bench) {
      const node = await unaccepting()
      try {
        const { answer } = bench.send(node.target, {}, { connectTimeout: 80 })
        const error = await answer.failed()
        assert.deepEqual([error.kind, error.sent, error.reused], ['timeout', false, false])
      } finally {
        await node.close()
      }
    },
  },
  {
    title: 'connectTimeout ends with the connection: a slow answer is no business of it',
    async run(bench) {
      const node = await bench.node()
      const { answer } = bench.send(node.target, {}, { connectTimeout: 60 })
      const peer = await node.peer()
      await peer.head()
      await sleep(120)
      peer.answer('ok')
      await answer.whole()
    },
  },
  {
    title: 'close: idle connections end at once, busy ones with their exchange, new ones are refused',
    async run(bench) {
      const node = await bench.node()
      const [idle, busy] = [bench.send(node.target), bench.send(node.target)]
      const [first, second] = [await node.peer(0), await node.peer(1)]
      await first.head()
      await second.head()
      first.answer('ok')
      await Promise.race([idle.answer.whole(), busy.answer.whole()])
      await sleep(20)
      let closed = false
      const closing = bench.transport.close().then(() => {
        closed = true
      })
      await first.closed()
      const late = await bench.send(node.target).answer.failed()
      assert.deepEqual([late.kind, late.sent], ['connect', false])
      assert.equal(closed, false)
      second.answer('ok')
      await Promise.all([idle.answer.whole(), busy.answer.whole(), second.closed(), closing])
    },
  },
  {
    title: 'close twice, and close without any connection',
    async run(bench) {
      await Promise.all([bench.transport.close(), bench.transport.close()])
      await bench.transport.close()
    },
  },
]

/** A listener whose queue of connections is full: the kernel drops what comes next. */
async function unaccepting(): Promise<{ target: { address: string; port: number }; close(): Promise<void> }> {
  const frozen = new Signal()
  let port = 0
  const worker = new Worker(FROZEN, { eval: true })
  worker.on('message', (message: number) => {
    port = message
    frozen.settle()
  })
  await frozen.reached
  const fillers: Socket[] = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  await sleep(30)
  const close = async () => {
    for (const filler of fillers) filler.destroy()
    await worker.terminate()
  }
  return { target: { address: '127.0.0.1', port }, close }
}

const FROZEN = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
})
`
