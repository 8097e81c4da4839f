import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, ConformanceCase } from './conformance-case.js'
import type { Peer } from './peer.js'
import { counter, type ScriptedNode } from './scripted-node.js'

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
  {
    title: 'Connection: close, in any list and spelling, is obeyed',
    async run(bench) {
      for (const field of [
        'Connection: close',
        'connection: x, CLOSE',
        'Connection: keep-alive\r\nConnection: Close',
      ]) {
        await unshared(bench, `HTTP/1.1 200 OK\r\n${field}\r\nContent-Length: 1\r\n\r\nx`)
      }
    },
  },
  {
    title: 'HTTP/1.0 is not kept, unless it says so',
    async run(bench) {
      await unshared(bench, 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx')
      const node = await answering(bench, ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx'])
      await inTurn(bench, node, 2)
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
          await sleep(25)
        }
        assert.equal(node.peers.length, 10)
      },
    }),
  ),
  {
    title: 'R7: closed or reset by the node while this process was busy: POST 10 of 10',
    async run(bench) {
      const node = await bench.node(async (peer, index) => {
        await peer.request()
        peer.answer('ok')
        await sleep(10)
        if (index % 2 === 0) peer.end()
        else peer.reset()
      })
      for (let count = 0; count < 10; count++) {
        await bench.send(node.target, POST).answer.whole()
        await sleep(8)
        busy(10)
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    },
  },
  {
    title: 'R7: Keep-Alive: timeout=1 leaves no time to use it again',
    async run(bench) {
      for (const hint of ['timeout=1', 'timeout=1, max=5', 'timeout=0']) {
        await unshared(bench, `HTTP/1.1 200 OK\r\nKeep-Alive: ${hint}\r\nContent-Length: 1\r\n\r\nx`)
      }
    },
  },
  {
    title: 'R7: the same hint in another spelling and order',
    needs: 'keep-alive-spelling',
    async run(bench) {
      for (const hint of ['max=5, Timeout=1', ' TIMEOUT = 1 ', 'timeout="1"', 'max=5,timeout=1']) {
        await unshared(bench, `HTTP/1.1 200 OK\r\nKeep-Alive: ${hint}\r\nContent-Length: 1\r\n\r\nx`)
      }
    },
  },
  {
    title: 'R7: Keep-Alive: timeout=2 is used again for a second',
    limits: { keepAlive: 60_000 },
    async run(bench) {
      const node = await answering(bench, ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 1\r\n\r\nx'])
      await inTurn(bench, node, 2)
      assert.equal(node.peers.length, 1)
      await sleep(1050)
      await inTurn(bench, node, 1)
      assert.equal(node.peers.length, 2)
    },
  },
  {
    title: 'a hint longer than `keepAlive` does not stretch it, and an idle connection is closed in the end',
    limits: { keepAlive: 100 },
    async run(bench) {
      const node = await answering(bench, ['HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\nContent-Length: 1\r\n\r\nx'])
      await inTurn(bench, node, 1)
      await (await node.peer()).closed(1500)
    },
  },
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

/** Answers each request of any connection with the next of the texts, the last again and again. */
async function answering(bench: Bench, texts: readonly string[]): Promise<ScriptedNode> {
  let count = 0
  return bench.node(async (peer: Peer) => {
    for (;;) {
      await peer.request()
      peer.write(texts[Math.min(count++, texts.length - 1)] ?? '')
    }
  })
}

async function inTurn(bench: Bench, node: ScriptedNode, count: number): Promise<string[]> {
  const bodies: string[] = []
  while (bodies.length < count) {
    const { answer } = bench.send(node.target)
    await answer.whole()
    bodies.push(answer.body.toString())
    // Some transports let a turn of the event loop pass before they use a connection again.
    await sleep(5)
  }
  return bodies
}

async function unshared(bench: Bench, text: string): Promise<void> {
  const node = await answering(bench, [text])
  await inTurn(bench, node, 2)
  assert.equal(node.peers.length, 2, text)
  await node.peers[0]?.closed(1500)
}

function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}
