import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, ConformanceCase } from './conformance-case.js'
import { answering, inTurn } from './in-turn.js'

/** What a node says about how long its connection may be used. */
export const keepAliveCases: readonly ConformanceCase[] = [
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
  {
    title: 'R7: timeout=1 leaves no time to use it again',
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
    title: 'R7: timeout=2 is used again for a second',
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
]

async function unshared(bench: Bench, text: string): Promise<void> {
  const node = await answering(bench, [text])
  await inTurn(bench, node, 2)
  assert.equal(node.peers.length, 2, text)
  await node.peers[0]?.closed(1500)
}
