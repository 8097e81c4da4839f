import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../../transport/transport.js'
import type { Bench, ConformanceCase, Sent } from './conformance-case.js'
import type { Peer } from './peer.js'
import { ScriptedNode, silent } from './scripted-node.js'

/** Exchanges that end before they are whole, on either side. */
export const endingCases: readonly ConformanceCase[] = [
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
  {
    title: 'nobody listens: connect error, nothing sent',
    async run(bench) {
      const error = await bench.send(await deserted()).answer.failed()
      assert.deepEqual([error.kind, error.sent, error.reused], ['connect', false, false])
    },
  },
  {
    title: 'many at once where nobody listens: each hears of it',
    limits: { connections: 2 },
    async run(bench) {
      const target = await deserted()
      const all = Array.from({ length: 20 }, () => bench.send(target))
      for (const { answer } of all) assert.equal((await answer.failed()).kind, 'connect')
    },
  },
  {
    title: 'an address that is none: connect error',
    async run(bench) {
      for (const address of ['', 'not a name', '999.999.999.999', 'a/b', '[::1]']) {
        const error = await bench.send({ address, port: 80 }).answer.failed()
        assert.deepEqual([error.kind, error.sent], ['connect', false], address)
      }
    },
  },
  {
    title: 'a port that is none: connect error',
    async run(bench) {
      for (const port of [-1, 70_000, Number.NaN]) {
        const error = await bench.send({ address: '127.0.0.1', port }).answer.failed()
        assert.deepEqual([error.kind, error.sent], ['connect', false], String(port))
      }
    },
  },
  ...failures('before the head', '', 'reset'),
  ...failures('in mid-head', 'HTTP/1.1 200 OK\r\nContent-', 'reset'),
  ...failures('behind an informational answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'reset'),
  ...failures('in mid-body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'reset', 'abc'),
  ...failures('between chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'reset', 'abc'),
  ...failures('in mid-trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n', 'reset', ''),
  {
    title: 'the second request is reset on its connection: the error says that it was used',
    async run(bench) {
      const node = await bench.node(async (peer) => {
        await peer.head()
        peer.answer('ok')
        await peer.head()
        peer.reset()
      })
      await bench.send(node.target).answer.whole()
      await sleep(20)
      const error = await bench.send(node.target, { method: 'POST', body: Buffer.from('x') }).answer.failed()
      assert.deepEqual([error.kind, error.sent, error.reused], ['reset', true, true])
    },
  },
  {
    title: 'idleTimeout: a node that falls silent in mid-body',
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
    title: 'idleTimeout: silence before the head is none of its business, nor is a sink that wants a pause',
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
    title: 'idleTimeout: each piece starts it anew, and 0 is no limit',
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

/** An address where nobody listens. */
async function deserted(): Promise<Target> {
  const node = await ScriptedNode.listen(silent)
  const { target } = node
  await node.close()
  return target
}

function failures(moment: string, text: string, kind: string, body?: string): ConformanceCase[] {
  return (['end', 'reset'] as const).map((how) => ({
    title: `the node ${how === 'end' ? 'ends' : 'resets'} the connection ${moment}`,
    async run(bench) {
      const node = await bench.node()
      const { answer } = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      peer.write(text)
      if (body !== undefined) await answer.headed()
      if (body) await answer.fed()
      peer[how]()
      const error = await answer.failed()
      assert.deepEqual([error.kind, error.sent, error.reused], [kind, true, false])
      assert.equal(answer.body.toString(), body ?? '')
    },
  }))
}
