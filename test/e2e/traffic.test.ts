import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { endAll, listening } from './support/command.js'

const SIZE = 20 * 1024 * 1024
const node = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  request.pipe(response)
})
const sockets = new WebSocketServer({ server: node })
sockets.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

beforeAll(async () => {
  await once(node.listen(0, '127.0.0.1'), 'listening')
})
afterEach(endAll)
afterAll(() => {
  sockets.close()
  node.close()
  node.closeAllConnections()
})

test('S22: bodies and WebSockets pass through the packed proxy without code from strings', async () => {
  const { url, child } = await listening(['--address=127.0.0.1:0', '--handler=proxy', '--log-level=warn'])
  await register(url, 'echo')
  const sent = Buffer.alloc(SIZE, 'abcdefg')
  const received = await (await fetch(`${url}/echo`, { method: 'POST', body: sent })).arrayBuffer()
  expect(Buffer.from(received).equals(sent)).toBe(true)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/echo/socket`)
  await once(socket, 'open')
  socket.send('hello')
  expect(String((await once(socket, 'message'))[0])).toBe('hello')
  socket.close()
  await once(socket, 'close')
  expect(child.exitCode).toBe(null)
})

test('the watch of /registry tells of a registration', async () => {
  const { url } = await listening(['--address=127.0.0.1:0'])
  const watch = new WebSocket(`${url.replace('http', 'ws')}/registry`)
  await once(watch, 'open')
  const told = once(watch, 'message')
  await register(url, 'echo')
  const event = JSON.parse(String((await told)[0]))
  expect(event).toMatchObject({ Action: 'create', Service: { name: 'go.micro.srv.echo' } })
  watch.close()
})

async function register(url: string, name: string): Promise<void> {
  const { port } = node.address() as AddressInfo
  const nodes = [{ id: `${name}-1`, address: '127.0.0.1', port }]
  const body = JSON.stringify({ name: `go.micro.srv.${name}`, nodes })
  const response = await fetch(`${url}/registry`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(200)
}
