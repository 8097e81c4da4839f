import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createSidecar, type MicroConfig, type Plugin, type Registry } from '../../src/index.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import { bodyOf, httpNode } from '../kit/http-node.js'
import { rawCaller } from '../kit/raw.js'
import { listen, register, startSidecar } from '../kit/sidecar.js'

const proxy: MicroConfig = { handler: 'proxy', namespace: 'ns', drain: { grace: '5s', hard: '8s' } }

/** A node that answers `/app/slow` when it is told to, streams `/app/events`, and takes all else at once. */
async function setUp(config: MicroConfig = {}) {
  const waiting: (() => void)[] = []
  const node = await httpNode((request, response) => {
    const path = request.url?.slice(5)
    if (path === 'slow') waiting.push(() => response.end('slow'))
    else if (path === 'events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
      response.write('data: first\n\n')
    } else if (path === 'silent') response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    else if (path === 'endless') response.write('first')
    else response.end('quick')
  })
  const sidecar = await startSidecar({ ...proxy, ...config })
  await register(sidecar, 'ns.app', node.port)
  return { sidecar, node, waiting }
}

async function answerOf(url: string): Promise<IncomingMessage> {
  const [answer] = (await once(get(url), 'response')) as [IncomingMessage]
  return answer
}

describe('R4, complaint 3: the order of a stop', () => {
  test('out of the registry, lame duck, refused, finished; what calls need ends last', async () => {
    const seen: string[] = []
    const inner = memoryRegistry()
    const note = <T>(what: string, result: T) => {
      seen.push(what)
      return result
    }
    const registry: Registry = {
      name: 'noted',
      register: (service, options) => inner.register(service, options),
      deregister: (service) => note('deregistered', inner.deregister(service)),
      getService: (name) => inner.getService(name),
      listServices: () => inner.listServices(),
      watch: (listener) => inner.watch(listener),
      close: () => note('registry closed', inner.close()),
    }
    const plugin: Plugin = { name: 'p', stop: () => void seen.push('plugin stopped') }
    const { sidecar, waiting } = await setUp({
      registry,
      plugins: [plugin],
      app: { name: 'ns.own', address: '127.0.0.1:1' },
      drain: { lameDuck: 300, grace: '5s', hard: '8s' },
    })
    await vi.waitFor(async () => expect(await sidecar.registry.getService('ns.own')).toHaveLength(1))
    const slow = fetch(`${sidecar.url}/app/slow`).then((answer) => answer.text())
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    const { url } = sidecar
    const stopping = sidecar.stop().then(() => seen.push('stopped'))
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect((await fetch(`${url}/app/x`)).status).toBe(200)
    expect(seen).toEqual(['deregistered'])
    await vi.waitFor(async () => expect((await fetch(`${url}/app/x`)).status).toBe(503))
    seen.push('refuses')
    waiting[0]?.()
    expect(await slow).toBe('slow')
    await stopping
    expect(seen).toEqual(['deregistered', 'refuses', 'plugin stopped', 'registry closed', 'stopped'])
    await expect(fetch(`${url}/livez`)).rejects.toThrow()
  })

  test('while it drains a new call gets 503 draining, a probe its own answer, and both the end of their connection', async () => {
    const { sidecar, waiting } = await setUp()
    const kept = rawCaller(sidecar.url)
    await kept.send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n').until(/quick/)
    const slow = fetch(`${sidecar.url}/app/slow`)
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    const { url } = sidecar
    const stopping = sidecar.stop()
    await pause(50)
    for (const path of ['/app/x', '/rpc', '/registry']) {
      const answer = await fetch(`${url}${path}`)
      expect(answer.status).toBe(503)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'micro-error': 'draining',
        'retry-after': '1',
        connection: 'close',
      })
      expect(await answer.json()).toMatchObject({ code: 503, id: 'go.micro.sidecar' })
    }
    for (const [path, status] of [
      ['/health', 503],
      ['/readyz', 503],
      ['/livez', 200],
    ] as const) {
      const answer = await fetch(`${url}${path}`)
      expect(answer.status).toBe(status)
      expect(await answer.json()).toMatchObject({ draining: true })
    }
    kept.send('GET /app/y HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await kept.end()).toMatch(/503 Service Unavailable[\s\S]*Connection: close/)
    const upgrade = rawCaller(url).send(
      'GET /app/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    expect(await upgrade.end()).toMatch(/ 503 [\s\S]*micro-error: draining[\s\S]*Retry-After: 1/)
    waiting[0]?.()
    const answer = await slow
    expect(answer.headers.get('connection')).toBe('close')
    expect(await answer.text()).toBe('slow')
    expect(await stopping).toBe(0)
  })

  test('outbound goes on while calls end: one that calls another through the sidecar, and the program around it', async () => {
    const { sidecar, waiting } = await setUp({ handler: 'rpc' })
    const node = await httpNode(async (request, response) => {
      await bodyOf(request)
      setTimeout(() => response.end('{"id":0,"result":{"ok":true},"error":null}'), 200)
    })
    await register(sidecar, 'ns.rpc', node.port)
    const call = sidecar.call('ns.rpc', 'A.B')
    await vi.waitFor(() => expect(node.requests).toHaveLength(1))
    const stopping = sidecar.stop()
    expect(await sidecar.call('ns.rpc', 'A.B')).toEqual({ ok: true })
    expect(await call).toEqual({ ok: true })
    expect(await stopping).toBe(0)
    await expect(sidecar.call('ns.rpc', 'A.B')).rejects.toMatchObject({ code: 503, reason: 'draining' })
    expect(waiting).toHaveLength(0)
  })

  test('20 idle kept connections hold nothing up', async () => {
    const { sidecar } = await setUp()
    const idle = Array.from({ length: 20 }, () => rawCaller(sidecar.url).send('GET /app/x HTTP/1.1\r\nHost: a\r\n\r\n'))
    await Promise.all(idle.map((caller) => caller.until(/quick/)))
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(400)
    await Promise.all(idle.map((caller) => caller.end()))
  })

  test('a large answer that is under way to a slow reader comes whole', async () => {
    const size = 8 * 1024 * 1024
    const node = await httpNode((_request, response) => void response.end(Buffer.alloc(size, 'x')))
    const sidecar = await startSidecar(proxy)
    await register(sidecar, 'ns.app', node.port)
    const answer = await answerOf(`${sidecar.url}/app/x`)
    answer.pause()
    await pause(50)
    const stopping = sidecar.stop()
    await pause(100)
    expect((await bodyOf(answer)).length).toBe(size)
    expect(await stopping).toBe(0)
  })
})

describe('R4: what has no end of its own', () => {
  test('WebSockets are told 1001, through the proxy and at /registry, those from before a reload too', async () => {
    const server = createServer()
    new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'))
    const { sidecar } = await setUp()
    await register(sidecar, 'ns.ws', await listen(server))
    const open = async (path: string) => {
      const socket = new WebSocket(`${sidecar.url.replace('http', 'ws')}${path}`)
      await once(socket, 'open')
      return socket
    }
    const early = [await open('/ws/x'), await open('/registry')]
    await sidecar.reload({ ...proxy, address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' } })
    const late = [await open('/ws/x'), await open('/registry')]
    const closed = Promise.all([...early, ...late].map((socket) => once(socket, 'close')))
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(0)
    expect((await closed).map(([code]) => code)).toEqual([1001, 1001, 1001, 1001])
    expect(performance.now() - begun).toBeLessThan(1500)
  })

  test.each(['events', 'silent'])('an event stream gets its end at once: %s', async (path) => {
    const { sidecar, node } = await setUp()
    const answer = await answerOf(`${sidecar.url}/app/${path}`)
    const body = bodyOf(answer)
    const [socket] = node.requests.map((request) => request.socket) as [Socket]
    const closed = once(socket, 'close')
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(1000)
    expect((await body).toString()).toBe(path === 'events' ? 'data: first\n\n' : '')
    expect(answer.complete).toBe(true)
    await closed
  })

  test('an event stream whose head comes while it drains', async () => {
    let head: () => void = () => {}
    const node = await httpNode((_request, response) => {
      head = () => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    })
    const sidecar = await startSidecar(proxy)
    await register(sidecar, 'ns.app', node.port)
    const answered = answerOf(`${sidecar.url}/app/x`)
    await vi.waitFor(() => expect(node.requests).toHaveLength(1))
    const stopping = sidecar.stop()
    await pause(50)
    head()
    expect((await bodyOf(await answered)).length).toBe(0)
    expect(await stopping).toBe(0)
  })

  test('an answer in chunks without an end is cut at the end of the grace, and visibly so', async () => {
    const { sidecar } = await setUp({ drain: { grace: 300, hard: '8s' } })
    const answer = await answerOf(`${sidecar.url}/app/endless`)
    const body = bodyOf(answer)
    body.catch(() => {})
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(1)
    expect(performance.now() - begun).toBeLessThan(1300)
    await expect(body).rejects.toThrow()
  })

  test('a call of the program around it is cut like the others', async () => {
    const { sidecar, node } = await setUp({ handler: 'rpc', drain: { grace: 100, hard: '8s' } })
    const waits = await httpNode(() => {})
    await register(sidecar, 'ns.waits', waits.port)
    const call = sidecar.call('ns.waits', 'A.B')
    call.catch(() => {})
    await vi.waitFor(() => expect(waits.requests).toHaveLength(1))
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(1)
    expect(performance.now() - begun).toBeLessThan(1000)
    await expect(call).rejects.toMatchObject({ code: 503, reason: 'draining' })
    expect(node.requests).toHaveLength(0)
  })
})

describe('R4, R27: drain.hard is for the whole stop', () => {
  const config = { ...proxy, address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' } } as const
  const hangs = (name: string, more: Partial<Plugin> = {}): Plugin => ({
    name,
    stop: () => new Promise(() => {}),
    ...more,
  })

  test('plugins that never stop; each has its share, and the others stop all the same', async () => {
    const stopped = vi.fn()
    const plugins = [{ name: 'good', stop: stopped }, hangs('one'), hangs('two')]
    const sidecar = await createSidecar({ ...config, plugins, drain: { grace: 100, hard: 600 } })
    await sidecar.start()
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(900)
    expect(stopped).toHaveBeenCalledTimes(1)
  })

  test('a registry and a transport of the user that never close', async () => {
    const never = () => new Promise<never>(() => {})
    const registry: Registry = { ...bare(), close: never }
    const transport = { name: 'mine', send: () => ({ resume() {}, abort() {} }), close: never }
    const sidecar = await createSidecar({
      ...config,
      registry,
      plugins: [{ name: 'mine', transport }],
      drain: { grace: 0, hard: 300 },
    })
    await sidecar.start()
    const begun = performance.now()
    await sidecar.stop()
    expect(performance.now() - begun).toBeLessThan(600)
  })

  test('a plugin that never starts: a stop gives the start up', async () => {
    const later = vi.fn()
    const plugins = [hangs('never', { start: () => new Promise(() => {}) }), { name: 'later', start: later }]
    const sidecar = await createSidecar({ ...config, plugins, drain: { grace: 0, hard: 400 } })
    const starting = sidecar.start()
    starting.catch(() => {})
    await pause(20)
    const begun = performance.now()
    expect(await sidecar.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(700)
    await expect(starting).rejects.toThrow('stopped before it had started')
    expect(later).not.toHaveBeenCalled()
  })

  test('a plugin that starts slowly is let through, and stopped; what would come behind it does not start', async () => {
    const seen: string[] = []
    const slow: Plugin = {
      name: 'slow',
      start: async () => {
        await pause(100)
        seen.push('started')
      },
      stop: () => void seen.push('stopped'),
    }
    const sidecar = await createSidecar({ ...config, plugins: [slow, { name: 'b', start: () => void seen.push('b') }] })
    const starting = sidecar.start()
    starting.catch(() => {})
    await pause(20)
    await sidecar.stop()
    expect(seen).toEqual(['started', 'stopped'])
    await expect(starting).rejects.toThrow('stopped before it had started')
  })

  test('a reload that hangs is given up', async () => {
    const sidecar = await createSidecar({ ...config, drain: { grace: 0, hard: 400 } })
    await sidecar.start()
    const reload = sidecar.reload({ ...config, plugins: [hangs('never', { start: () => new Promise(() => {}) })] })
    reload.catch(() => {})
    await pause(20)
    const begun = performance.now()
    await sidecar.stop()
    expect(performance.now() - begun).toBeLessThan(700)
    await expect(reload).rejects.toThrow()
  })
})

function bare(): Omit<Registry, 'close'> {
  const inner = memoryRegistry()
  return {
    name: 'bare',
    register: (service, options) => inner.register(service, options),
    deregister: (service) => inner.deregister(service),
    getService: (name) => inner.getService(name),
    listServices: () => inner.listServices(),
    watch: (listener) => inner.watch(listener),
  }
}
