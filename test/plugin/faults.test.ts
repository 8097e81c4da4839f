import { describe, expect, test, vi } from 'vitest'
import { createSidecar, type Plugin } from '../../src/index.js'
import { httpNode } from '../kit/http-node.js'
import { register, startSidecar } from '../kit/sidecar.js'

const unshowable = Object.create(null)

describe('R27: a codec that breaks its contract', () => {
  const encode = () => ({ path: '/', headers: [], body: Buffer.from('{}') })
  const faults: readonly (readonly [string, object, number])[] = [
    ['encode throws', { encode: () => Promise.reject(unshowable), decode: () => Buffer.from('1') }, 500],
    ['encode gives nothing', { encode: () => undefined, decode: () => Buffer.from('1') }, 500],
    ['encode gives a text', { encode: () => ({ ...encode(), body: 'text' }), decode: () => Buffer.from('1') }, 500],
    ['decode gives nothing', { encode, decode: () => undefined }, 502],
    ['decode gives a text', { encode, decode: () => 'text' }, 502],
    ['decode rejects', { encode, decode: () => Promise.reject(new Error('later')) }, 502],
    ['decode throws what cannot be shown', { encode, decode: () => Promise.reject(unshowable) }, 502],
  ]

  test.each(faults)('%s', async (_name, codec, status) => {
    const node = await httpNode((_request, response) => response.end('{}'))
    const plugin = { name: 'odd', codec: { name: 'odd', ...codec } } as Plugin
    const sidecar = await startSidecar({ plugins: [plugin] })
    await register(sidecar, 'go.micro.srv.app', node.port, { protocol: 'odd' })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    const answer = await fetch(`${sidecar.url}/app/say/hello`, init)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ code: status, detail: expect.stringMatching(/codec|decoded/) })
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
  })
})

describe('R27: what plugins throw', () => {
  test.each(['/a*', 'a', '/', '/a b', '/:id'])(
    'a route at %s is refused at the start, not at the first request',
    async (path) => {
      const sidecar = await createSidecar({
        address: '127.0.0.1:0',
        registry: 'memory',
        plugins: [{ name: 'odd', routes: [{ path, handle: () => {} }] }],
      })
      await expect(sidecar.start()).rejects.toThrow(`plugin odd has a route at ${path}`)
    },
  )

  test('a route that throws what cannot be shown', async () => {
    const handle = () => {
      throw unshowable
    }
    const sidecar = await startSidecar({ plugins: [{ name: 'odd', routes: [{ path: '/odd', handle }] }] })
    expect((await fetch(`${sidecar.url}/odd`)).status).toBe(500)
  })

  test('start and stop that throw what cannot be shown are named', async () => {
    const failing = () => Promise.reject(unshowable)
    const config = { address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' } } as const
    const starting = await createSidecar({ ...config, plugins: [{ name: 'odd', start: failing }] })
    await expect(starting.start()).rejects.toThrow('plugin odd did not start')
    const stopping = await createSidecar({ ...config, plugins: [{ name: 'odd', stop: failing }] })
    await stopping.start()
    await expect(stopping.stop()).resolves.toBe(0)
  })

  test('an async listener that rejects', async () => {
    const rejected = vi.fn()
    process.on('unhandledRejection', rejected)
    await startSidecar({
      plugins: [
        {
          name: 'odd',
          start: (sidecar) => void sidecar.on('listening', () => Promise.reject(unshowable)),
        },
      ],
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('unhandledRejection', rejected)
    expect(rejected).not.toHaveBeenCalled()
  })
})
