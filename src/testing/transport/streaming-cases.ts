import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConformanceCase } from './conformance-case.js'
import { download, pieces, SUM, settled, sumOf, TOTAL } from './pieces.js'
import { within } from './signal.js'

/** What kernel and buffers may hold of a stream nobody reads. */
const IN_FLIGHT = 15 * 1024 * 1024

/** Bodies that are on their way while others wait. */
export const streamingCases: readonly ConformanceCase[] = [
  {
    title: "an upload's first byte arrives before its last has left",
    async run(bench) {
      const source = new PassThrough()
      const node = await bench.node()
      const { answer } = bench.send(node.target, { method: 'POST', body: { length: 6, source } })
      const peer = await node.peer()
      source.write('abc')
      await peer.head()
      assert.equal((await peer.bytes(3)).toString(), 'abc')
      source.end('def')
      assert.equal((await peer.bytes(3)).toString(), 'def')
      peer.answer('ok')
      await answer.whole()
    },
  },
  {
    title: "an answer's first byte arrives before its last has left",
    async run(bench) {
      const node = await bench.node()
      const { answer } = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      peer.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n')
      await answer.fed()
      assert.equal(answer.body.toString(), 'event')
      peer.write('0\r\n\r\n')
      await answer.whole()
    },
  },
  {
    title: 'the answer flows while the upload still does',
    async run(bench) {
      const source = new PassThrough()
      const node = await bench.node()
      const { answer } = bench.send(node.target, { method: 'POST', body: { length: 6, source } })
      const peer = await node.peer()
      source.write('abc')
      await peer.head()
      peer.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc')
      await answer.fed()
      source.end('def')
      assert.equal((await peer.bytes(6)).toString(), 'abcdef')
      peer.write('def')
      await answer.whole()
      assert.equal(answer.body.toString(), 'abcdef')
    },
  },
  ...[TOTAL, undefined].map(
    (length): ConformanceCase => ({
      title: `20 MB up unchanged, ${length === undefined ? 'in chunks' : 'with length'}; a node that does not read holds the source`,
      async run(bench) {
        const { source, produced } = pieces()
        const node = await bench.node((peer) => peer.socket.pause())
        const { answer } = bench.send(node.target, { method: 'POST', body: { length, source } })
        const peer = await node.peer()
        await settled(produced)
        assert.ok(produced() < IN_FLIGHT, `${produced()} bytes were read from the source`)
        peer.socket.resume()
        const { body } = await within(10_000, 'the upload', peer.request())
        peer.answer('ok')
        await answer.whole()
        assert.equal(sumOf([body]), SUM)
      },
    }),
  ),
  ...['with length', 'in chunks', 'until the end'].map(
    (framing): ConformanceCase => ({
      title: `20 MB down unchanged, ${framing}; a sink that wants no more holds the node`,
      async run(bench) {
        const node = await bench.node()
        const { answer, exchange } = bench.send(node.target)
        let open = false
        answer.accept = () => open
        const peer = await node.peer()
        await peer.head()
        const written = download(peer, framing)
        await settled(() => answer.received)
        assert.ok(answer.received < 1024 * 1024, `${answer.received} bytes came after false`)
        assert.ok(written() < IN_FLIGHT, `${written()} bytes were taken from the node`)
        open = true
        exchange.resume()
        await answer.whole(10_000)
        assert.equal(sumOf(answer.chunks), SUM)
      },
    }),
  ),
  {
    title: 'a sink that asks for a pause after every piece gets all of them',
    async run(bench) {
      const node = await bench.node()
      const { answer, exchange } = bench.send(node.target)
      answer.accept = () => {
        setImmediate(() => exchange.resume())
        return false
      }
      const peer = await node.peer()
      await peer.head()
      download(peer, 'in chunks')
      await answer.whole(10_000)
      assert.equal(sumOf(answer.chunks), SUM)
    },
  },
  {
    title: 'pieces that were handed over stay as they were',
    async run(bench) {
      const node = await bench.node()
      const { answer } = bench.send(node.target)
      const copies: Buffer[] = []
      answer.accept = (chunk) => copies.push(Buffer.from(chunk)) > 0
      const peer = await node.peer()
      await peer.head()
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${26 * 5000}\r\n\r\n`)
      for (let letter = 0; letter < 26; letter++) {
        peer.write(Buffer.alloc(5000, 97 + letter))
        await sleep(1)
      }
      await answer.whole()
      assert.ok(answer.body.equals(Buffer.concat(copies)))
    },
  },
  {
    title: 'an answer that comes whole before the upload has ended is passed; the connection is not used again',
    async run(bench) {
      const { source } = pieces()
      const node = await bench.node()
      const { answer } = bench.send(node.target, { method: 'POST', body: { length: TOTAL, source } })
      const peer = await node.peer()
      await peer.head()
      peer.socket.pause()
      peer.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig')
      assert.equal((await answer.whole()).status, 413)
      assert.equal(answer.body.toString(), 'big')
      peer.socket.resume()
      await peer.closed()
      bench.send(node.target).exchange.abort()
      assert.doesNotMatch(peer.received.toString('latin1'), /GET/)
    },
  },
]
