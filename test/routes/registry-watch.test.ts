import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Service } from '../../src/registry/registry.js'
import { type RegistryWatchOptions, registryWatch } from '../../src/routes/registry-watch.js'

const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function front(options: Partial<RegistryWatchOptions> = {}) {
  const registry = memoryRegistry()
  const watches = vi.spyOn(registry, 'watch')
  const watch = registryWatch(registry, { frame: 16_384, subscriberBuffer: 1_000_000, cors: [], ...options })
  const server = createServer()
  const sockets: Socket[] = []
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    watch.handle(request, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(
    () => server.close(),
    () => watch.close(),
  )
  const { port } = server.address() as AddressInfo
  return { registry, watch, watches, sockets, port, url: `ws://127.0.0.1:${port}/registry` }
}

/** A watcher that is listening, and what it hears. */
async function watcher(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false })
  closers.push(() => socket.terminate())
  const events: { Action: string; Service: Service }[] = []
  socket.on('message', (data, binary) => {
    expect(binary).toBe(false)
    events.push(JSON.parse(String(data)))
  })
  await once(socket, 'open')
  return {
    socket,
    events,
    next: async () => {
      while (events.length === 0) await once(socket, 'message')
      return events.shift()
    },
  }
}

function service(name: string, id = `${name}-1`, fields: Partial<Service> = {}): Service {
  const nodes = [{ id, address: '127.0.0.1', port: 1000, metadata: {} }]
  return { name, version: '', metadata: {}, endpoints: [], nodes, ...fields }
}

async function refused(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { port } = new URL(url)
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, Upgrade: 'websocket', Connection: 'Upgrade', ...headers })
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  socket.write(`GET /registry HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

const key = { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' }

describe('GET /registry with an upgrade', () => {
  it('tells of create, update and delete, in the original form', async () => {
    const { registry, url } = await front()
    const { next } = await watcher(url)
    await registry.register(service('a'))
    expect(JSON.stringify(await next())).toBe(
      '{"Action":"create","Service":{"name":"a","version":"","metadata":null,"endpoints":null,' +
        '"nodes":[{"id":"a-1","address":"127.0.0.1","port":1000,"metadata":null}]}}',
    )
    await registry.register(service('a', 'a-2'))
    expect(await next()).toMatchObject({ Action: 'update', Service: { nodes: [{ id: 'a-1' }, { id: 'a-2' }] } })
    await registry.deregister(service('a'))
    expect(await next()).toMatchObject({ Action: 'update', Service: { nodes: [{ id: 'a-2' }] } })
    await registry.deregister(service('a', 'a-2'))
    expect(await next()).toMatchObject({ Action: 'delete', Service: { nodes: [{ id: 'a-2' }] } })
  })

  it('S12: ?service=NAME tells of that one only, whatever its name', async () => {
    const { registry, url } = await front()
    const { next, events } = await watcher(`${url}?service=__proto__`)
    const all = await watcher(url)
    await registry.register(service('a'))
    await registry.register(service('__proto__'))
    expect(await next()).toMatchObject({ Action: 'create', Service: { name: '__proto__' } })
    expect(events).toEqual([])
    expect([(await all.next())?.Service.name, (await all.next())?.Service.name]).toEqual(['a', '__proto__'])
  })

  it('watches the registry once for all, and no longer than somebody listens', async () => {
    const { registry, url, watches } = await front()
    const watchers = await Promise.all(Array.from({ length: 5 }, () => watcher(url)))
    await registry.register(service('a'))
    for (const { next } of watchers) expect(await next()).toMatchObject({ Action: 'create' })
    expect(watches).toHaveBeenCalledOnce()
    for (const { socket } of watchers) socket.close()
    await Promise.all(watchers.map(({ socket }) => once(socket, 'close')))
    const again = await watcher(url)
    await registry.register(service('b'))
    expect(await again.next()).toMatchObject({ Service: { name: 'b' } })
    await vi.waitFor(() => expect(watches).toHaveBeenCalledTimes(2))
  })
})

describe('R26: watchers that do not behave', () => {
  it('S3: a frame above the limit closes with 1009, and nothing crashes', async () => {
    const { registry, url } = await front()
    const { socket } = await watcher(url)
    const other = await watcher(url)
    socket.send(Buffer.alloc(16_384))
    socket.send(Buffer.alloc(16_385))
    expect((await once(socket, 'close'))[0]).toBe(1009)
    await registry.register(service('a'))
    expect(await other.next()).toMatchObject({ Action: 'create' })
  })

  it('R10: one that does not read is cut with a close frame, 1013, and the others hear everything', async () => {
    const { registry, url, port, sockets } = await front({ subscriberBuffer: 200_000 })
    const stalled = connect({ port, host: '127.0.0.1' })
    closers.push(() => stalled.destroy())
    stalled.write(`GET /registry HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines(key)}\r\n`)
    await once(stalled, 'data')
    stalled.pause()
    const healthy = await watcher(url)
    const count = 300
    for (let i = 0; i < count; i++) {
      await registry.register(service('big', 'n', { version: String(i), metadata: { text: 'x'.repeat(50_000) } }))
      while (healthy.events.length < 2 * i) await once(healthy.socket, 'message')
    }
    expect(sockets[0]?.writableLength).toBeLessThan(300_000)
    let last = Buffer.alloc(0)
    stalled.on('data', (chunk) => {
      last = Buffer.concat([last, chunk]).subarray(-100)
    })
    stalled.resume()
    while (!last.includes(Buffer.from([0x03, 0xf5]))) await once(stalled, 'data')
    expect(last.subarray(last.indexOf(Buffer.from([0x03, 0xf5])) - 2)[0]).toBe(0x88)
  })

  it('R26: one that answers no ping is cut after the read timeout, one that does is kept', async () => {
    const { url, sockets } = await front({ pingInterval: 30, readTimeout: 100 })
    const good = await watcher(url)
    const mute = new WebSocket(url, { autoPong: false })
    await once(mute, 'open')
    expect((await once(mute, 'close'))[0]).toBe(1006)
    expect(good.socket.readyState).toBe(WebSocket.OPEN)
    expect(sockets).toHaveLength(2)
  })

  it('R27: one that resets, at the handshake or later, hurts nobody', async () => {
    const { registry, url, port } = await front()
    const healthy = await watcher(url)
    for (let i = 0; i < 100; i++) {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.on('error', () => undefined)
      socket.write(
        `GET /registry HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines(key)}\r\n`,
      )
      await once(socket, 'connect')
      for (let step = i % 6; step > 0; step--) await new Promise(setImmediate)
      socket.resetAndDestroy()
      await registry.register(service('a', 'a', { version: String(i) }))
    }
    while (healthy.events.length < 199) await once(healthy.socket, 'message')
  })
})

describe('who may watch', () => {
  it.each([
    ['http://evil.example', []],
    ['null', []],
    ['http://127.0.0.1', []],
    ['http://127.0.0.1.evil.example', []],
    ['http://evil.example', ['http://good.example']],
  ])('S10: a page of %s with cors %j is refused: 403 in the error form', async (origin, cors) => {
    const { url, watches } = await front({ cors })
    const text = await refused(url, { ...key, Origin: origin })
    expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*micro-error: forbidden\r\n/)
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ id: 'go.micro.registry', code: 403 })
    expect(watches).not.toHaveBeenCalled()
  })

  it('no page, a page of the same host and one on the list may', async () => {
    const { url, port } = await front({ cors: ['http://good.example'] })
    await watcher(url)
    await watcher(url, { Origin: `http://127.0.0.1:${port}` })
    await watcher(url, { Origin: 'http://good.example' })
  })

  it.each<[Record<string, string>, string]>([
    [{}, 'Sec-WebSocket-Key'],
    [{ ...key, 'Sec-WebSocket-Version': '1' }, 'Sec-WebSocket-Version'],
    [{ ...key, 'Sec-WebSocket-Protocol': ',' }, 'Sec-WebSocket-Protocol'],
    [{ ...key, Upgrade: 'h2c' }, 'Upgrade'],
  ])('S5: a handshake with %j is refused: 400 in the error form', async (headers, about) => {
    const text = await refused((await front()).url, headers)
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*micro-error: bad_request\r\n/)
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))).detail).toContain(about)
  })
})

describe('R4: close', () => {
  it('tells watchers 1001, stops watching, and takes no more: 503', async () => {
    const { registry, url, watch } = await front()
    const { socket, events } = await watcher(url)
    const closed = once(socket, 'close')
    watch.close()
    await registry.register(service('a'))
    expect((await closed)[0]).toBe(1001)
    expect(events).toEqual([])
    expect(await refused(url, key)).toMatch(/^HTTP\/1\.1 503 [\s\S]*micro-error: draining/)
  })

  it('cuts a watcher that does not answer', async () => {
    const { url, watch, sockets } = await front()
    const { socket } = await watcher(url)
    socket.pause()
    const closed = once(sockets[0] as Socket, 'close')
    watch.close()
    await closed
  })
})

function lines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}
