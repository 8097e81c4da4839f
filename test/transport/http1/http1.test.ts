import type { LookupFunction } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { Bench } from '../../../src/testing/transport/conformance-case.js'
import { counter } from '../../../src/testing/transport/scripted-node.js'
import { within } from '../../../src/testing/transport/signal.js'
import { type Http1Options, http1Transport } from '../../../src/transport/http1/transport.js'

const benches: Bench[] = []

function benchOf(options: Partial<Http1Options> = {}): Bench {
  const bench = new Bench(http1Transport({ connections: 100, keepAlive: 3000, ...options }))
  benches.push(bench)
  return bench
}

afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.clear()))
})

test('totalIdle: of all nodes together, the connection unused for the longest time goes first', async () => {
  const bench = benchOf({ totalIdle: 2 })
  const nodes = [await bench.node(counter), await bench.node(counter), await bench.node(counter)]
  for (const node of nodes) await bench.send(node.target).answer.whole()
  await nodes[0]?.peers[0]?.closed()
  expect(nodes.map((node) => node.open)).toEqual([0, 1, 1])
})

test('the connection used last is used first', async () => {
  const bench = benchOf()
  const node = await bench.node(counter)
  await Promise.all([bench.send(node.target), bench.send(node.target)].map(({ answer }) => answer.whole()))
  const used = []
  for (let count = 0; count < 3; count++) {
    const { answer } = bench.send(node.target)
    await answer.whole()
    used.push(Number(answer.body))
  }
  expect(used).toEqual([2, 3, 4])
})

test('R7: a GET whose connection the kernel refuses on the spot goes by another, unnoticed', async () => {
  const bench = benchOf()
  const node = await bench.node(counter)
  await bench.send(node.target).answer.whole()
  node.peers[0]?.socket.resetAndDestroy()
  await bench.send(node.target).answer.whole()
  expect(node.peers).toHaveLength(2)
})

test('a GET that had left when its kept connection ended: the error says sent, and used', async () => {
  const bench = benchOf()
  const node = await bench.node(counter)
  await bench.send(node.target).answer.whole()
  node.peers[0]?.socket.destroy()
  const error = await bench.send(node.target).answer.failed()
  expect([error.kind, error.sent, error.reused]).toEqual(['reset', true, true])
})

test('a sink that returns false from onEnd has the connection closed', async () => {
  const bench = benchOf()
  const node = await bench.node(counter)
  const { answer } = bench.send(node.target)
  const onEnd = answer.onEnd.bind(answer)
  Object.assign(answer, {
    onEnd(trailers: string[]) {
      onEnd(trailers)
      return false
    },
  })
  await answer.whole()
  await (await node.peer()).closed()
  await bench.send(node.target).answer.whole()
  expect(node.peers).toHaveLength(2)
})

test('an idle connection that its node ends is closed at once', async () => {
  const bench = benchOf()
  const node = await bench.node(counter)
  await bench.send(node.target).answer.whole()
  const peer = await node.peer()
  peer.end()
  await peer.closed(200)
})

test('S21: what a node says unasked in the moment of the next POST is not its answer', async () => {
  const bench = benchOf()
  const node = await bench.node(counter)
  await bench.send(node.target).answer.whole()
  await sleep(5)
  node.peers[0]?.answer('poison')
  const { answer } = bench.send(node.target, { method: 'POST' })
  await answer.whole()
  expect(answer.body.toString()).toBe('1')
  expect(node.peers).toHaveLength(2)
})

test('S21: an answer that is seen at once to go on behind its end is refused before it is told', async () => {
  const bench = benchOf()
  const node = await bench.node()
  const { answer } = bench.send(node.target)
  const peer = await node.peer()
  await peer.head()
  peer.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n')
  expect((await answer.failed()).kind).toBe('protocol')
  expect(answer.head).toBeUndefined()
})

test('an exchange that is aborted while its name is looked up leaves its place to the next', async () => {
  let isFirst = true
  const lookup: LookupFunction = (_name, _options, done) => {
    if (!isFirst) done(null, [{ address: '127.0.0.1', family: 4 }])
    isFirst = false
  }
  const bench = benchOf({ lookup, connections: 1, keepAlive: 60_000 })
  const node = await bench.node(counter)
  const target = { address: 'node.test', port: node.target.port }
  bench.send(target).abort()
  await bench.send(target).answer.whole(200)
})

test('an exchange that times out in the queue takes its attempt to connect along', async () => {
  const bench = benchOf({ lookup: () => undefined, connections: 1 })
  const target = { address: 'nowhere.test', port: 1 }
  const error = await bench.send(target, {}, { connectTimeout: 30 }).answer.failed()
  expect([error.kind, error.sent]).toEqual(['timeout', false])
  await within(500, 'the close', bench.transport.close())
})

test('S6: what a resolver could take for an address is none', async () => {
  const asked: string[] = []
  const lookup: LookupFunction = (name, _options, done) => {
    asked.push(name)
    done(new Error('none'), '')
  }
  const bench = benchOf({ lookup })
  for (const address of [
    '2852039166',
    '0x7f.1',
    '0x7f000001',
    '127.1',
    '0177.0.0.1',
    '10.0.0.0x1',
    '1.2.3.4.',
    'a b',
    'a/b',
    '',
  ]) {
    expect((await bench.send({ address, port: 80 }).answer.failed()).kind).toBe('connect')
  }
  expect(asked).toEqual([])
  await bench.send({ address: 'go-1.x2.test', port: 80 }).answer.failed()
  expect(asked).toEqual(['go-1.x2.test'])
})

test('lookup: a name is asked for once a connection', async () => {
  const asked: string[] = []
  const lookup: LookupFunction = (name, options, done) => {
    asked.push(name)
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
    else done(null, '127.0.0.1', 4)
  }
  const bench = benchOf({ lookup })
  const node = await bench.node(counter)
  for (let count = 0; count < 3; count++)
    await bench.send({ address: 'node.test', port: node.target.port }).answer.whole()
  expect(asked).toEqual(['node.test'])
})

test('an answer that refuses the upload and closes stops it', async () => {
  const bench = benchOf()
  const node = await bench.node()
  const source = new PassThrough()
  source.write('abc')
  const { answer } = bench.send(node.target, { method: 'POST', body: { length: undefined, source } })
  const peer = await node.peer()
  await peer.head()
  peer.write('HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\n')
  await answer.headed()
  source.write('never sent')
  peer.write('big')
  await answer.whole()
  await peer.closed()
  expect(peer.received.toString()).not.toContain('never sent')
  expect([source.destroyed, source.isPaused()]).toEqual([false, true])
})

test('a source that fails after the exchange is over harms nobody', async () => {
  const bench = benchOf()
  const node = await bench.node()
  const source = new PassThrough()
  const sent = bench.send(node.target, { method: 'POST', body: { length: undefined, source } })
  await (await node.peer()).head()
  sent.abort()
  source.destroy(new Error('too late'))
  await new Promise((resolve) => source.once('close', resolve))
})

test('a body stream of objects is refused', async () => {
  const bench = benchOf()
  const node = await bench.node()
  const source = new PassThrough({
    readableObjectMode: true,
    transform: (_chunk, _encoding, done) => done(null, { not: 'bytes' }),
  })
  source.write('x')
  const { answer } = bench.send(node.target, { method: 'POST', body: { length: undefined, source } })
  expect((await answer.failed()).kind).toBe('request')
})

test('trailers that throw are refused', async () => {
  const bench = benchOf()
  const node = await bench.node()
  const source = new PassThrough()
  source.end('abc')
  const trailers = () => {
    throw new Error('no trailers')
  }
  const { answer } = bench.send(node.target, { method: 'POST', body: { length: undefined, source, trailers } })
  expect((await answer.failed()).kind).toBe('request')
})

test('close serves those who wait already', async () => {
  const bench = benchOf({ connections: 1 })
  const node = await bench.node(counter)
  const all = [bench.send(node.target), bench.send(node.target), bench.send(node.target)]
  const closing = bench.transport.close()
  await Promise.all(all.map(({ answer }) => answer.whole()))
  await closing
  await node.peers[0]?.closed(200)
  expect(node.peers).toHaveLength(1)
})
