import { createServer as createTcpServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { httpProbe, portProbe } from '../../src/app/probes.js'
import { httpNode } from '../kit/http-node.js'
import { rawNode } from '../kit/raw.js'
import { closeAfterwards, listen } from '../kit/sidecar.js'

const soon = () => AbortSignal.timeout(300)

test.each([
  [200, true],
  [204, true],
  [299, true],
  [301, false],
  [404, false],
  [500, false],
  [503, false],
])('an answer of %i', async (status, healthy) => {
  const node = await httpNode((_request, response) => void response.writeHead(status).end())
  const result = await httpProbe(`http://127.0.0.1:${node.port}/health?deep=1`)(soon())
  expect(result).toMatchObject({ healthy, status })
  expect(node.requests[0]?.method).toBe('GET')
  expect(node.requests[0]?.url).toBe('/health?deep=1')
})

test('a redirect is not followed', async () => {
  const other = await httpNode((_request, response) => void response.end())
  const node = await httpNode((_request, response) => {
    response.writeHead(302, { Location: `http://127.0.0.1:${other.port}/` }).end()
  })
  expect((await httpProbe(`http://127.0.0.1:${node.port}/`)(soon())).healthy).toBe(false)
  expect(other.requests).toHaveLength(0)
})

test('no answer ends with the signal, and so does the connection', async () => {
  const node = await rawNode(() => {})
  await expect(httpProbe(`http://127.0.0.1:${node.port}/`)(soon())).rejects.toThrow()
  await vi.waitFor(() => expect(node.sockets[0]?.readableEnded || node.sockets[0]?.destroyed).toBe(true))
})

test('a refused connection, an answer that is none', async () => {
  const server = createTcpServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  await expect(httpProbe(`http://127.0.0.1:${port}/`)(soon())).rejects.toThrow('ECONNREFUSED')
  await expect(portProbe('127.0.0.1', port)(soon())).rejects.toThrow('ECONNREFUSED')
  const node = await rawNode((socket) => void socket.end('SSH-2.0-OpenSSH\r\n'))
  await expect(httpProbe(`http://127.0.0.1:${node.port}/`)(soon())).rejects.toThrow()
})

test('a body without end is cut by size, and by time', async () => {
  const flooding = await rawNode((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const flood = setInterval(() => socket.write(Buffer.alloc(16_384)), 5)
    socket.on('close', () => clearInterval(flood))
    closeAfterwards(() => clearInterval(flood))
  })
  const dripping = await rawNode((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx'))
  for (const { port, sockets } of [flooding, dripping]) {
    expect((await httpProbe(`http://127.0.0.1:${port}/`)(AbortSignal.timeout(10_000))).healthy).toBe(true)
    await vi.waitFor(() => expect(sockets[0]?.destroyed || sockets[0]?.readableEnded).toBe(true), 5000)
  }
})

test('an upgrade that nobody asked for', async () => {
  const answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
  const node = await rawNode((socket) => void socket.write(answer))
  const result = await httpProbe(`http://127.0.0.1:${node.port}/`)(soon()).catch((error: Error) => error)
  expect(result).not.toMatchObject({ healthy: true })
})

test('a port that accepts is well', async () => {
  const node = await rawNode(() => {})
  expect(await portProbe('127.0.0.1', node.port)(soon())).toEqual({ healthy: true })
})
