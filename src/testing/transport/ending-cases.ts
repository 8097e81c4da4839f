import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../../transport/transport.js'
import type { ConformanceCase } from './conformance-case.js'
import { ScriptedNode, silent } from './scripted-node.js'

/** Nodes that cannot be reached, and nodes that go away. */
export const endingCases: readonly ConformanceCase[] = [
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
]

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
