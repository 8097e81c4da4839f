import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { type ClientRequest, createServer, request, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { endAll, listening } from '../e2e/support/command.js'
import { closeAfterwards, listen } from '../kit/sidecar.js'
import { endNodes, nodeProcess } from './support/node-process.js'
import { report } from './support/report.js'
import { deregister, register, residentOf } from './support/service.js'
import { Traffic } from './support/traffic.js'

afterEach(async () => {
  await endAll()
  await endNodes()
})

const flags = ['--address=127.0.0.1:0', '--handler=proxy', '--log-level=error']
const total = 256 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024, 'x')

test('R9: 256 MB past a caller that does not read, and at a node that does not, grow it by less than 50 MB', async () => {
  const { url, child } = await listening(flags)
  const down = await plainNode((_request, response) => {
    const push = () => {
      while (!response.destroyed && response.write(piece));
      response.once('drain', push)
    }
    push()
  })
  const up = await plainNode((incoming) => incoming.pause())
  await register(url, 'down', [{ name: 'down', port: down }])
  await register(url, 'up', [{ name: 'up', port: up }])
  await (await fetch(`${url}/down/x`, { signal: AbortSignal.timeout(300) }).catch(() => undefined))?.body?.cancel()
  const before = await residentOf(child.pid)
  const stalled = request(`${url}/down/x`, { agent: false }).end()
  stalled.on('error', () => {})
  const [answer] = await once(stalled, 'response')
  answer.pause()
  const taken = request(`${url}/up/x`, { method: 'POST', headers: { 'content-length': total } })
  taken.on('error', () => {})
  const sent = await pushUntilStuck(taken)
  await wait(1500)
  const grown = (await residentOf(child.pid)) - before
  report('R9', { grown, sent: sent / 1e6 })
  expect(sent).toBeLessThan(64 * 1024 * 1024)
  expect(grown).toBeLessThan(50)
  stalled.destroy()
  taken.destroy()
})

test('R9: after a while of churn nothing is left of it: memory, descriptors', async () => {
  const { url, child } = await listening(flags)
  const descriptors = async () => (await readdir(`/proc/${child.pid}/fd`)).length
  const nodes = await Promise.all(['a', 'b'].map((name) => nodeProcess(name)))
  await register(url, 'app', nodes)
  const run = async (seconds: number) => {
    const urls = [`${url}/app/x`, `${url}/app/x?status=502`, `${url}/nowhere/x`, `${url}/app/x?size=20000`]
    const traffic = new Traffic({ urls, perSecond: 300, methods: ['GET', 'POST'] })
    const end = performance.now() + seconds * 1000
    for (let turn = 0; performance.now() < end; turn++) {
      const gone = { name: `gone-${turn}`, port: 1 }
      await register(url, 'app', [gone])
      await leaveInMidCall(url)
      await deregister(url, 'app', [gone])
    }
    return traffic.stop()
  }
  await run(4)
  await wait(4000)
  const before = { memory: await residentOf(child.pid), open: await descriptors() }
  await run(12)
  await expect.poll(descriptors, { timeout: 10_000 }).toBeLessThanOrEqual(before.open + 2)
  const after = { memory: await residentOf(child.pid), open: await descriptors() }
  report('R9', { before, after })
  expect(after.memory - before.memory).toBeLessThan(12)
}, 60_000)

/** A call whose caller is gone before its answer. */
async function leaveInMidCall(url: string): Promise<void> {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET /app/x?ms=30 HTTP/1.1\r\nHost: a\r\n\r\n')
  await wait(10)
  socket.destroy()
}

/** Bytes taken of it before it took no more. */
async function pushUntilStuck(taken: ClientRequest): Promise<number> {
  for (let sent = 0; sent < total; sent += piece.length) {
    if (taken.write(piece)) continue
    const drained = await Promise.race([once(taken, 'drain').then(() => true), wait(1000, false)])
    if (!drained) return sent
  }
  return total
}

async function plainNode(answer: Parameters<typeof createServer>[1]): Promise<number> {
  const server: Server = createServer(answer)
  server.on('connection', (socket) => socket.on('error', () => {}))
  closeAfterwards(() => {
    server.closeAllConnections()
    server.close()
  })
  return listen(server)
}
