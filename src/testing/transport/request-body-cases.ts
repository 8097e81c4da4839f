import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import type { StreamBody, WireRequest } from '../../transport/transport.js'
import type { Bench, ConformanceCase } from './conformance-case.js'
import type { HeardRequest } from './peer.js'
import type { ScriptedNode } from './scripted-node.js'

/** How the body of a request is framed, and what happens when the stream does not keep its word. */
export const requestBodyCases: readonly ConformanceCase[] = [
  {
    title: 'bytes go with their length',
    async run(bench) {
      for (const size of [1, 100, 5000, 200_000]) {
        const body = Buffer.alloc(size, 'é', 'latin1')
        const heard = await hear(bench, { method: 'POST', body: new Uint8Array(body) })
        assert.match(heard.head, new RegExp(`\r\ncontent-length: ${size}\r\n`, 'i'))
        assert.ok(heard.body.equals(body))
      }
    },
  },
  {
    title: 'no bytes go as Content-Length: 0',
    async run(bench) {
      const heard = await hear(bench, { method: 'POST', body: new Uint8Array(0) })
      assert.match(heard.head, /\r\ncontent-length: 0\r\n/i)
    },
  },
  {
    title: 'a stream of known length goes with its length',
    async run(bench) {
      const heard = await hear(bench, { method: 'PUT', body: stream(['one', 'two', 'three'], 11) })
      assert.match(heard.head, /\r\ncontent-length: 11\r\n/i)
      assert.equal(heard.body.toString(), 'onetwothree')
    },
  },
  ...['POST', 'DELETE', 'OPTIONS', 'GET'].map(
    (method): ConformanceCase => ({
      title: `a stream of unknown length goes in chunks with ${method}`,
      async run(bench) {
        const heard = await hear(bench, { method, body: stream(['one', 'two', 'x'.repeat(70_000)], undefined) })
        assert.match(heard.head, /\r\ntransfer-encoding: chunked\r\n/i)
        assert.doesNotMatch(heard.head, /content-length/i)
        assert.equal(heard.body.toString(), `onetwo${'x'.repeat(70_000)}`)
      },
    }),
  ),
  {
    title: 'an empty stream of unknown length is a complete request',
    async run(bench) {
      assert.equal((await hear(bench, { method: 'POST', body: stream([], undefined) })).body.length, 0)
    },
  },
  {
    title: 'a stream that had ended before it was sent is an empty body',
    async run(bench) {
      const body = stream([], undefined)
      await new Promise((resolve) => body.source.once('end', resolve).resume())
      assert.equal((await hear(bench, { method: 'POST', body })).body.length, 0)
    },
  },
  {
    title: 'trailers go behind the last chunk',
    needs: 'request-trailers',
    async run(bench) {
      const body = { ...stream(['abc'], undefined), trailers: () => ['X-Sum', '123', 'x-sum', 'é'] }
      const heard = await hear(bench, { method: 'POST', body })
      assert.deepEqual(heard.trailers, ['X-Sum: 123', 'x-sum: é'])
    },
  },
  {
    title: 'injection in a trailer is refused, and the request stays unfinished',
    needs: 'request-trailers',
    async run(bench) {
      const node = await bench.node()
      const body = { ...stream(['abc'], undefined), trailers: () => ['x', 'a\r\ny: b'] }
      const error = await bench.send(node.target, { method: 'POST', body }).answer.failed()
      assert.equal(error.kind, 'request')
      await node.peers[0]?.closed()
      assert.doesNotMatch(node.received, /\r\n0\r\n|y: b/)
    },
  },
  {
    title: 'a stream shorter than its length: request error, connection closed',
    run: (bench) => broken(bench, stream(['abc'], 10)),
  },
  {
    title: 'a stream longer than its length: request error, the surplus is never sent',
    async run(bench) {
      const node = await broken(bench, stream(['abc', 'GET /smuggled HTTP/1.1\r\n\r\n'], 3))
      assert.doesNotMatch(node.received, /smuggled/)
    },
  },
  {
    title: 'an empty stream of a length above 0: request error, no complete request',
    needs: 'early-length-check',
    async run(bench) {
      for (const method of ['POST', 'GET']) {
        const node = await broken(bench, stream([], 5), method)
        assert.doesNotMatch(node.received, /content-length: 0|^[^c]*\r\n\r\n/i)
      }
    },
  },
  {
    title: 'a stream that fails: request error, connection closed, no last chunk',
    async run(bench) {
      const node = await broken(bench, { length: undefined, source: failing(new Error('disk on fire')) })
      assert.doesNotMatch(node.received, /\r\n0\r\n/)
    },
  },
  {
    title: 'a stream that is closed before its end: request error, connection closed',
    async run(bench) {
      const source = new Readable({ read: () => undefined })
      source.push('abc')
      const node = await bench.node()
      const { answer } = bench.send(node.target, { method: 'POST', body: { length: undefined, source } })
      const peer = await node.peer()
      await peer.head()
      source.destroy()
      assert.equal((await answer.failed()).kind, 'request')
      await peer.closed()
    },
  },
  {
    title: 'a stream that had failed before it was sent: request error',
    async run(bench) {
      const source = new Readable({ read: () => undefined })
      source.on('error', () => undefined).destroy(new Error('gone'))
      const node = await bench.node()
      const { answer } = bench.send(node.target, { method: 'POST', body: { length: undefined, source } })
      assert.equal((await answer.failed()).kind, 'request')
    },
  },
]

function stream(parts: readonly string[], length: number | undefined): StreamBody {
  return {
    length,
    source: Readable.from(
      parts.map((part) => Buffer.from(part)),
      { objectMode: false },
    ),
  }
}

function failing(error: Error): Readable {
  let reads = 0
  return new Readable({
    read() {
      if (reads++ === 0) this.push('abc')
      else setImmediate(() => this.destroy(error))
    },
  })
}

async function hear(bench: Bench, request: Partial<WireRequest>): Promise<HeardRequest> {
  const heard: HeardRequest[] = []
  const node = await bench.node(async (peer) => {
    heard.push(await peer.request())
    peer.answer('')
  })
  await bench.send(node.target, request).answer.whole()
  const [first] = heard
  assert.ok(first)
  return first
}

async function broken(bench: Bench, body: StreamBody, method = 'POST'): Promise<ScriptedNode> {
  const node = await bench.node()
  const { answer } = bench.send(node.target, { method, body })
  assert.equal((await answer.failed()).kind, 'request')
  await Promise.all(node.peers.map((peer) => peer.closed()))
  return node
}
