import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, ConformanceCase, Sent } from './conformance-case.js'
import type { Peer } from './peer.js'
import { silent } from './scripted-node.js'

/** R8: exchanges that their caller leaves, at every moment. */
export const abortCases: readonly ConformanceCase[] = [
  {
    title: 'R8: aborted while the head is awaited',
    run: (bench) => aborted(bench, async () => undefined),
  },
  {
    title: 'R8: aborted behind an informational answer',
    run: (bench) =>
      aborted(bench, async (peer, { answer }) => {
        peer.write('HTTP/1.1 103 Early Hints\r\n\r\n')
        await answer.informed()
      }),
  },
  {
    title: 'R8: aborted in mid-download',
    run: (bench) =>
      aborted(bench, async (peer, { answer }) => {
        peer.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
        await answer.fed()
      }),
  },
  {
    title: 'R8: aborted while the sink wants no more',
    run: (bench) =>
      aborted(bench, async (peer, { answer }) => {
        answer.accept = () => false
        peer.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
        await answer.fed()
        peer.write('3\r\ndef\r\n')
      }),
  },
  {
    title: 'R8: aborted in mid-upload',
    run: (bench) => aborted(bench, async (peer) => void (await peer.bytes(3)), 'POST'),
  },
  {
    title: 'R8: aborted from within onHead and onData',
    async run(bench) {
      for (const moment of ['onHead', 'onData'] as const) {
        const node = await bench.node()
        const sent = bench.send(node.target)
        const { answer } = sent
        const before = answer[moment].bind(answer) as (...args: unknown[]) => unknown
        Object.assign(answer, {
          [moment]: (...args: unknown[]) => {
            before(...args)
            sent.abort()
            return true
          },
        })
        const peer = await node.peer()
        await peer.head()
        peer.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n')
        await peer.closed()
      }
    },
  },
  {
    title: 'aborted in the moment it was sent: nothing is heard, and nothing is said',
    async run(bench) {
      const node = await bench.node()
      bench.send(node.target).abort()
      await sleep(50)
      assert.equal(node.received, '')
    },
  },
  {
    title: 'aborted while it waits for a connection: the one before it is not touched',
    limits: { connections: 1 },
    async run(bench) {
      const node = await bench.node()
      const first = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      const second = bench.send(node.target, { path: '/second' })
      second.abort()
      peer.answer('ok')
      await first.answer.whole()
      const third = bench.send(node.target, { path: '/third' })
      assert.match(await peer.head(), /^GET \/third/)
      peer.answer('ok')
      await third.answer.whole()
      assert.equal(node.peers.length, 1)
    },
  },
  {
    title: 'abort and resume are harmless when the exchange is over, and the connection lives on',
    async run(bench) {
      const node = await bench.node()
      const first = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      peer.answer('ok')
      await first.answer.whole()
      await sleep(10)
      const second = bench.send(node.target)
      first.abort()
      first.exchange.resume()
      first.exchange.abort()
      await peer.head()
      peer.answer('ok')
      await second.answer.whole()
      assert.equal(node.peers.length, 1)
    },
  },
]

async function aborted(
  bench: Bench,
  reach: (peer: Peer, sent: Sent) => Promise<void>,
  method: 'GET' | 'POST' = 'GET',
): Promise<void> {
  const source = new PassThrough()
  source.write('abc')
  const node = await bench.node(silent)
  const sent = bench.send(node.target, { method, body: method === 'GET' ? null : { length: undefined, source } })
  const peer = await node.peer()
  await peer.head()
  await reach(peer, sent)
  sent.abort()
  sent.exchange.abort()
  sent.exchange.resume()
  await peer.closed()
  peer.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  source.write('more')
  await sleep(20)
}
