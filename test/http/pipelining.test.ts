import type { ServerResponse } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import { httpNode } from '../kit/http-node.js'
import { rawCaller } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const get = (path: string) => `GET /app/${path} HTTP/1.1\r\nHost: a\r\n\r\n`

async function setUp() {
  const waiting: (() => void)[] = []
  const node = await httpNode((request, response: ServerResponse) => {
    waiting.push(() => response.end(`[${request.url?.slice(5)}]`))
  })
  const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', client: { pool: { connections: 1000 } } })
  await register(sidecar, 'ns.app', node.port)
  return { sidecar, node, waiting, caller: rawCaller(sidecar.url) }
}

describe('R17: requests that a connection sends before it has answers', () => {
  test('go on up to 100 of them; the others wait, and all are answered in order', async () => {
    const { caller, node, waiting } = await setUp()
    const count = 1500
    for (let i = 0; i < count; i++) caller.send(get(String(i)))
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThanOrEqual(100))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(node.requests.length).toBeLessThanOrEqual(101)
    let most = 0
    while (node.requests.length < count || waiting.length > 0) {
      most = Math.max(most, waiting.length)
      waiting.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await caller.until(new RegExp(`\\[${count - 1}\\]`), 10_000)
    expect(caller.text.match(/\[\d+\]/g)).toEqual(Array.from({ length: count }, (_, i) => `[${i}]`))
    expect(most).toBeLessThanOrEqual(101)
  })

  test('of a caller that never takes an answer no more is read than fits', async () => {
    const { caller, node, sidecar } = await setUp()
    const block = get('x'.repeat(1000)).repeat(100)
    let taken = 0
    const send = () => {
      while (taken < 64 * 1024 * 1024 && caller.socket.write(block)) taken += block.length
    }
    caller.socket.on('drain', send)
    send()
    await vi.waitFor(() => expect(node.requests.length).toBeGreaterThanOrEqual(100))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(taken).toBeLessThan(16 * 1024 * 1024)
    expect(node.requests.length).toBeLessThanOrEqual(101)
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
  })

  test('R8: of a caller that leaves none of those that wait is sent', async () => {
    const { caller, node, waiting } = await setUp()
    for (let i = 0; i < 300; i++) caller.send(get(String(i)))
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThanOrEqual(100))
    const { length } = node.requests
    caller.socket.destroy()
    // What is written to a connection that is not read tells that it has gone.
    for (let i = 0; i < 5; i++) waiting[i]?.()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(node.requests.length - length).toBeLessThanOrEqual(5)
  })

  test('bodies among them arrive whole', async () => {
    const { caller, node, waiting } = await setUp()
    const bodies: string[] = []
    for (let i = 0; i < 250; i++) {
      caller.send(
        `POST /app/${i} HTTP/1.1\r\nHost: a\r\nContent-Length: ${20_000}\r\n\r\n${String(i % 10).repeat(20_000)}`,
      )
    }
    while (node.requests.length < 250 || waiting.length > 0) {
      const request = node.requests[bodies.length]
      if (request !== undefined && waiting.length > 0) {
        let body = ''
        for await (const chunk of request) body += chunk
        bodies.push(`${body.length} ${body[0]}`)
        waiting.shift()?.()
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    await caller.until(/\[249\]/)
    expect(new Set(bodies).size).toBe(10)
    expect(bodies).toHaveLength(250)
  })
})
