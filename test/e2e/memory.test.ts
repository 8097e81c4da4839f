import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { endAll, folder, listening } from './support/command.js'

afterEach(endAll)

test('R25: a configuration in TypeScript adds next to nothing to the memory that a sidecar takes', async () => {
  const file = "enum N { A = 'a' }\nexport default { name: N.A satisfies string }"
  const { path, remove } = await folder({ 'micro.config.ts': file })
  const [without, typescript] = [await megabytes(), await megabytes(path)]
  expect(typescript - without).toBeLessThan(15)
  await remove()
})

test('R25: 64 busy connections take less than 160 MB, 1,000 idle ones 30 MB more', async () => {
  const node = createServer((_request, response) => response.end('ok'))
  await once(node.listen(0, '127.0.0.1'), 'listening')
  const { child, url } = await listening(['--address=127.0.0.1:0', '--handler=proxy', '--log-level=warn'])
  const { port } = node.address() as AddressInfo
  const body = JSON.stringify({ name: 'go.micro.srv.app', nodes: [{ id: 'a', address: '127.0.0.1', port }] })
  await fetch(`${url}/registry`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const ends = performance.now() + 4000
  const answers = await Promise.all(Array.from({ length: 64 }, () => askUntil(ends, `${url}/app/x`, agent)))
  expect(answers.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1000)
  const busy = await residentOf(child.pid)
  expect(busy).toBeLessThan(160)
  agent.destroy()
  const idle = await Promise.all(Array.from({ length: 1000 }, () => keptSocket(url)))
  expect((await residentOf(child.pid)) - busy).toBeLessThan(30)
  for (const socket of idle) socket.destroy()
  node.close()
  node.closeAllConnections()
})

/** How many answers there were until then. */
async function askUntil(ends: number, url: string, agent: Agent): Promise<number> {
  let count = 0
  for (; performance.now() < ends; count++) {
    const asked = get(url, { agent })
    const [answer]: IncomingMessage[] = await once(asked, 'response')
    expect(answer?.statusCode).toBe(200)
    answer?.resume()
    if (answer !== undefined) await once(answer, 'end')
  }
  return count
}

/** A connection that has had its answer and is kept. */
async function keptSocket(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  return socket
}

/** Of a sidecar that listens and has loaded its admin paths. */
async function megabytes(cwd?: string): Promise<number> {
  const { child, url } = await listening(['--address=127.0.0.1:0'], cwd === undefined ? {} : { cwd })
  await (await fetch(`${url}/registry`)).text()
  return residentOf(child.pid)
}

async function residentOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}
