import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConformanceCase } from './conformance-case.js'
import { answering, inTurn } from './in-turn.js'
import { counter } from './scripted-node.js'

const POST = { method: 'POST', body: Buffer.from('x') }

/** R7: connections are kept and used again, and one that its node closed is nobody's problem. */
export const reuseCases: readonly ConformanceCase[] = [
  {
    title: 'one after another share a connection',
    async run(bench) {
      const node = await bench.node(counter)
      assert.deepEqual(await inTurn(bench, node, 10), ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
      assert.equal(node.peers.length, 1)
    },
  },
  {
    title: 'a POST shares it too, and so does an answer without a body or in chunks',
    async run(bench) {
      const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'
      const node = await answering(bench, [
        'HTTP/1.1 204 No Content\r\n\r\n',
        chunks,
        'HTTP/1.1 304 Not Modified\r\n\r\n',
      ])
      for (let count = 0; count < 3; count++) {
        await bench.send(node.target, POST).answer.whole()
        await sleep(5)
      }
      assert.equal(node.peers.length, 1)
    },
  },
  ...([{ method: 'GET' }, POST] as const).map(
    (request): ConformanceCase => ({
      title: `R7: closed by the node between two requests: ${request.method} 10 of 10`,
      async run(bench) {
        const node = await bench.node(async (peer) => {
          await peer.request()
          peer.answer('ok')
          await sleep(10)
          peer.end()
        })
        for (let count = 0; count < 10; count++) {
          await bench.send(node.target, request).answer.whole()
          await (await node.peer(count)).closed(1000)
        }
        assert.equal(node.peers.length, 10)
      },
    }),
  ),
  {
    title: 'R7: closed by the node while this process was busy: POST 10 of 10',
    async run(bench) {
      const node = await bench.node(async (peer) => {
        await peer.request()
        peer.answer('ok')
        await sleep(10)
        peer.end()
      })
      for (let count = 0; count < 10; count++) {
        await bench.send(node.target, POST).answer.whole()
        await sleep(8)
        busy(10)
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    },
  },
  ...(['destroy', 'resetAndDestroy'] as const).map(
    (end): ConformanceCase => ({
      ...(end === 'resetAndDestroy' ? { needs: 'reset-while-idle' } : {}),
      title: `R7: closed by the node in the very moment of the next POST: ${end}`,
      async run(bench) {
        const node = await bench.node(counter)
        for (let count = 0; count < 5; count++) {
          await bench.send(node.target, POST).answer.whole()
          await sleep(5)
          node.peers[count]?.socket[end]()
        }
        await bench.send(node.target, POST).answer.whole()
        assert.equal(node.peers.length, 6)
      },
    }),
  ),
  {
    title: 'S21: bytes on an idle connection are for nobody',
    async run(bench) {
      const node = await bench.node()
      const first = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      peer.answer('ok')
      await first.answer.whole()
      await sleep(10)
      peer.answer('poison')
      await peer.closed()
      const second = bench.send(node.target)
      const next = await node.peer(1)
      await next.head()
      next.answer('fresh')
      await second.answer.whole()
      assert.equal(second.answer.body.toString(), 'fresh')
    },
  },
  {
    title: 'S21: bytes behind an answer without a body are for nobody',
    async run(bench) {
      const texts = {
        HEAD: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
        GET: 'HTTP/1.1 204 No Content\r\n\r\npoison',
      }
      for (const [method, text] of Object.entries(texts)) {
        const node = await bench.node(async (peer, index) => {
          await peer.request()
          if (index === 0) peer.write(text)
          else peer.answer('fresh')
        })
        await bench.send(node.target, { method }).answer.ended()
        const second = bench.send(node.target)
        await second.answer.whole()
        assert.equal(second.answer.body.toString(), 'fresh')
      }
    },
  },
  {
    title: 'an exchange can follow from within onEnd of the one before',
    async run(bench) {
      const node = await bench.node(counter)
      const first = bench.send(node.target)
      const onEnd = first.answer.onEnd.bind(first.answer)
      const second = new Promise<string>((resolve) => {
        first.answer.onEnd = (trailers) => {
          onEnd(trailers)
          const { answer } = bench.send(node.target)
          void answer.ended().then(() => resolve(answer.body.toString()))
        }
      })
      assert.match(await second, /[12]/)
    },
  },
]

function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}
