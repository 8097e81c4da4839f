import { spawn } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import { createSidecar, definePlugin, MicroError, type Plugin, type Registry } from '../src/index.js'
import { memoryRegistry } from '../src/registry/memory.js'
import { bodyOf, httpNode } from './kit/http-node.js'
import { rawCaller } from './kit/raw.js'
import { register, startSidecar } from './kit/sidecar.js'

async function greeterFor(sidecar: Awaited<ReturnType<typeof startSidecar>>) {
  const node = await httpNode(async (request, response) => {
    const { params } = JSON.parse((await bodyOf(request)).toString())
    response.end(
      JSON.stringify({
        id: 0,
        result: { msg: `Hello ${params[0].name}`, user: request.headers['x-user'] },
        error: null,
      }),
    )
  })
  await register(sidecar, 'go.micro.srv.greeter', node.port)
}

describe('the SDK', () => {
  test('call() takes a value and gives the result', async () => {
    const sidecar = await startSidecar()
    await greeterFor(sidecar)
    const hello = await sidecar.call(
      'go.micro.srv.greeter',
      'Say.Hello',
      { name: 'John' },
      { headers: { 'x-user': '7' } },
    )
    expect(hello).toEqual({ msg: 'Hello John', user: '7' })
  })

  test('call() rejects with a MicroError, at its timeout and with its signal', async () => {
    const sidecar = await startSidecar()
    await expect(sidecar.call('', 'A.B')).rejects.toMatchObject({ code: 400, detail: 'invalid service' })
    await expect(sidecar.call('nobody', '')).rejects.toMatchObject({ code: 400, detail: 'invalid method' })
    await expect(sidecar.call('nobody', 'A.B')).rejects.toMatchObject({ name: 'MicroError', code: 404 })
    const node = await httpNode(() => {})
    await register(sidecar, 'slow', node.port)
    await expect(sidecar.call('slow', 'A.B', {}, { timeout: 50 })).rejects.toMatchObject({ code: 408 })
    const stop = new AbortController()
    const call = sidecar.call('slow', 'A.B', {}, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    await expect(sidecar.call('slow', 'A.B', {}, { signal: stop.signal })).rejects.toThrow('enough')
  })

  test('fetch() asks the sidecar itself', async () => {
    const sidecar = await startSidecar()
    await greeterFor(sidecar)
    const answer = await sidecar.fetch('/greeter/say/hello', {
      method: 'POST',
      body: '{"name":"Bo"}',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(await answer.json()).toEqual({ msg: 'Hello Bo' })
  })

  test('url and address are known once it listens', async () => {
    const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory' })
    expect(() => sidecar.url).toThrow('await start() first')
    await sidecar.start()
    expect(sidecar.url).toBe(`http://${sidecar.address}`)
    await sidecar.stop()
  })

  test('events come in order; a listener that throws hurts nobody', async () => {
    const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' } })
    const seen: string[] = []
    for (const event of ['listening', 'draining', 'stopped'] as const) sidecar.on(event, () => seen.push(event))
    sidecar.on('listening', () => {
      throw new Error('boom')
    })
    const off = sidecar.on('stopped', () => seen.push('never'))
    off()
    await sidecar.start()
    await sidecar.stop()
    expect(seen).toEqual(['listening', 'draining', 'stopped'])
  })

  test('two sidecars of one process share nothing', async () => {
    const [one, two] = [await startSidecar(), await startSidecar()]
    await greeterFor(one)
    await expect(two.call('go.micro.srv.greeter', 'Say.Hello')).rejects.toMatchObject({ code: 404 })
    await one.stop()
    expect((await two.fetch('/livez')).status).toBe(200)
  })

  test('a port in use rejects start, and what had started is stopped', async () => {
    const first = await startSidecar()
    const seen: string[] = []
    const plugin = definePlugin({ name: 'p', start: () => void seen.push('start'), stop: () => void seen.push('stop') })
    const second = await createSidecar({ address: first.address, registry: 'memory', plugins: [plugin] })
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(seen).toEqual(['start', 'stop'])
  })

  test('a unix socket', async () => {
    const path = `/tmp/micro-sidecar-${process.pid}.sock`
    const sidecar = await startSidecar({ address: `unix:${path}` })
    expect(sidecar.address).toBe(`unix:${path}`)
    expect((await sidecar.fetch('/livez')).status).toBe(200)
  })

  test('after stop() the process ends by itself', async () => {
    const source = `
      import { createSidecar } from './src/index.js'
      const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory' })
      await sidecar.start()
      await (await sidecar.fetch('/health')).text()
      await sidecar.stop()
    `
    const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'inherit', 'inherit'] })
    child.stdin.end(await bundled(source))
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect(code).toBe(0)
  })
})

async function bundled(source: string): Promise<string> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  return outputFiles[0]?.text ?? ''
}

describe('draining (R4)', () => {
  test('calls in flight end whole, kept connections are let go', async () => {
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', drain: { grace: '5s' } })
    const node = await httpNode((_request, response) => void setTimeout(() => response.end('done'), 500))
    await register(sidecar, 'ns.app', node.port)
    const idle = rawCaller(sidecar.url).send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await idle.until(/200 OK/)
    const calls = Array.from({ length: 50 }, () => fetch(`${sidecar.url}/app/x`).then((answer) => answer.text()))
    await vi.waitFor(() => expect(node.requests).toHaveLength(50), 10_000)
    const began = performance.now()
    expect(await sidecar.stop()).toBe(0)
    expect(performance.now() - began).toBeLessThan(1500)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['done']))
    await idle.end()
  })

  test('what does not end within the grace is cut and counted', async () => {
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns', drain: { grace: '50ms' } })
    const node = await httpNode(() => {})
    await register(sidecar, 'ns.app', node.port)
    const call = fetch(`${sidecar.url}/app/x`)
    call.catch(() => {})
    await vi.waitFor(() => expect(node.requests).toHaveLength(1), 10_000)
    expect(await sidecar.stop()).toBe(1)
    await expect(call).rejects.toThrow()
  })

  test('lame duck: not ready, and still serving', async () => {
    const sidecar = await startSidecar({ drain: { lameDuck: '300ms' } })
    const stopping = sidecar.stop()
    expect((await fetch(`${sidecar.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
    await stopping
  })
})

describe('plugins', () => {
  test('start in order with the sidecar, stop in reverse', async () => {
    const seen: string[] = []
    const named = (name: string): Plugin => ({
      name,
      start: async (sidecar) => void seen.push(`${name} starts, ${sidecar.config.namespace}`),
      stop: () => void seen.push(`${name} stops`),
    })
    const sidecar = await startSidecar({ namespace: 'ns', plugins: [named('one'), named('two')] })
    await sidecar.stop()
    expect(seen).toEqual(['one starts, ns', 'two starts, ns', 'two stops', 'one stops'])
  })

  test('one that does not start is named, the others are stopped', async () => {
    const seen: string[] = []
    const plugins: Plugin[] = [
      { name: 'good', stop: () => void seen.push('good stops') },
      { name: 'bad', start: () => Promise.reject(new Error('no luck')) },
    ]
    const sidecar = await createSidecar({ address: '127.0.0.1:0', registry: 'memory', plugins })
    await expect(sidecar.start()).rejects.toThrow('plugin bad did not start: no luck')
    expect(seen).toEqual(['good stops'])
  })

  test('fill the slots by name: registry, balancer, codec', async () => {
    const inner = memoryRegistry()
    const registry: Registry = {
      name: 'own',
      register: (service, options) => inner.register(service, options),
      deregister: (service) => inner.deregister(service),
      getService: (name) => inner.getService(name),
      listServices: () => inner.listServices(),
      watch: (listener) => inner.watch(listener),
      close: () => inner.close(),
    }
    const options: unknown[] = []
    const plugin: Plugin = {
      name: 'mine',
      registry: (given) => {
        options.push(given)
        return registry
      },
      balancer: { name: 'first', pick: ([first]) => first as NonNullable<typeof first> },
    }
    const sidecar = await startSidecar({
      registry: { name: 'mine', hosts: ['a'] },
      client: { balancer: 'mine' },
      plugins: [plugin],
    })
    expect(sidecar.registry.name).toBe('own')
    expect(options).toEqual([{ hosts: ['a'] }])
    await greeterFor(sidecar)
    expect(await sidecar.call('go.micro.srv.greeter', 'Say.Hello', { name: 'x' })).toMatchObject({ msg: 'Hello x' })
  })

  test('a name that nobody brings is a ConfigError that lists what there is', async () => {
    await expect(createSidecar({ registry: 'zookeeper' })).rejects.toThrow(/registry: .*zookeeper.*memory/)
  })

  test("options that the plugin's own schema refuses are a ConfigError", async () => {
    const plugin: Plugin = { name: 'mine', configSchema: { type: 'object', required: ['host'] }, config: {} }
    await expect(createSidecar({ plugins: [plugin] })).rejects.toThrow(
      /plugins\.mine\.config: it must have required property 'host'/,
    )
  })

  test('routes of their own, guarded like the others', async () => {
    const plugin: Plugin = {
      name: 'hello',
      routes: [{ path: '/hello', handle: (request, response) => void response.end(`hello ${request.url}`) }],
    }
    const sidecar = await startSidecar({ plugins: [plugin], auth: { token: 'secret-token' } })
    expect((await sidecar.fetch('/hello')).status).toBe(401)
    const answer = await sidecar.fetch('/hello/you', { headers: { Authorization: 'Bearer secret-token' } })
    expect(await answer.text()).toBe('hello /you')
  })

  test('a throw in a route is a 500, a thrown MicroError itself', async () => {
    const plugin: Plugin = {
      name: 'faulty',
      routes: [
        {
          path: '/faulty',
          handle(request) {
            throw request.url === '/micro' ? new MicroError('x', 402, 'pay') : new Error('boom')
          },
        },
      ],
    }
    const sidecar = await startSidecar({ plugins: [plugin] })
    expect((await sidecar.fetch('/faulty')).status).toBe(500)
    expect((await sidecar.fetch('/faulty/micro')).status).toBe(402)
  })
})
