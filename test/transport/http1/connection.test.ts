import { afterEach, expect, test, vi } from 'vitest'
import { Recorder } from '../../../src/testing/transport/recorder.js'
import { ScriptedNode, silent } from '../../../src/testing/transport/scripted-node.js'
import { Connection } from '../../../src/transport/http1/connection.js'
import type { ConnectionOwner } from '../../../src/transport/http1/connection-owner.js'
import { Http1Exchange } from '../../../src/transport/http1/exchange.js'
import { limits } from './read-answer.js'

const nodes: ScriptedNode[] = []

afterEach(() => Promise.all(nodes.splice(0).map((node) => node.close())))

test('S21: a sink that throws costs the connection: where its answer ends is not known any more', async () => {
  const node = await ScriptedNode.listen(silent)
  nodes.push(node)
  const owner = watched()
  const connection = new Connection(node.target, owner)
  await vi.waitFor(() => expect(owner.connected).toHaveBeenCalled())
  const sink = new Recorder()
  sink.silence = undefined
  sink.onHead = () => {
    throw new Error('a bug')
  }
  const request = { method: 'GET', path: '/', headers: [], body: null }
  connection.carry(new Http1Exchange(request, 'GET / HTTP/1.1\r\n\r\n', sink, { connectTimeout: 1000, idleTimeout: 0 }))
  const length = connection.buffer().write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  expect(() => connection.take(length)).toThrow('a bug')
  expect(owner.lost).toHaveBeenCalledOnce()
  expect(owner.freed).not.toHaveBeenCalled()
  expect(sink.error?.kind).toBe('reset')
  await (await node.peer()).closed()
})

function watched() {
  return {
    limits,
    lookup: undefined,
    connected: vi.fn<ConnectionOwner['connected']>(),
    refused: vi.fn<ConnectionOwner['refused']>(),
    freed: vi.fn<ConnectionOwner['freed']>(),
    lost: vi.fn<ConnectionOwner['lost']>(),
    returned: vi.fn<ConnectionOwner['returned']>(),
    closed: vi.fn<ConnectionOwner['closed']>(),
  }
}
