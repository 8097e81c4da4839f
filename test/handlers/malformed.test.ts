import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createSidecar, type Sidecar } from '../../src/index.js'
import { httpNode } from '../kit/http-node.js'
import { rawCaller } from '../kit/raw.js'
import { register } from '../kit/sidecar.js'

const runs = { numRuns: 300, seed: 20261124 }
const sidecar = await started()

afterAll(() => sidecar.stop())

async function started(): Promise<Sidecar> {
  const made = await createSidecar({ address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' } })
  await made.start()
  return made
}

async function ask(path: string, body: Uint8Array | string, type: string): Promise<Response> {
  return fetch(`${sidecar.url}${path}`, { method: 'POST', body: new Blob([body]), headers: { 'Content-Type': type } })
}

/** A 4xx in the error form, and nothing has happened. */
async function expectRefused(answer: Response): Promise<void> {
  const text = await answer.text()
  expect([answer.status, text]).toSatisfy(() => answer.status >= 400 && answer.status < 500)
  expect(Object.keys(JSON.parse(text))).toEqual(['id', 'code', 'detail', 'status'])
  expect(answer.headers.get('micro-error')).not.toBeNull()
  expect(await sidecar.registry.listServices()).toEqual([])
}

const brokenJson = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).filter((bytes) => !isJson(bytes)),
  fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '}', ',', '"', '\u0000', 'x'))
    .map(([json, at, bit]) =>
      Buffer.from(json.slice(0, at % (json.length + 1)) + bit + json.slice((at % (json.length + 1)) + 1)),
    )
    .filter((bytes) => !isJson(bytes)),
  fc.constantFrom('null', '[]', '1', '"x"', 'true', '{"service":1}', '{"nodes":{}}').map((text) => Buffer.from(text)),
)

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return true
  } catch {
    return bytes.length === 0
  }
}

describe('S5: malformed input is a 4xx in the error form, and does nothing', () => {
  test.each(['/rpc', '/registry'])('broken JSON at %s', { timeout: 60_000 }, async (path) => {
    await fc.assert(
      fc.asyncProperty(brokenJson, async (body) => expectRefused(await ask(path, body, 'application/json'))),
      runs,
    )
  })

  test('broken JSON for a method reaches no node', { timeout: 60_000 }, async () => {
    const node = await httpNode((_request, response) => response.end('{"id":0,"result":{},"error":null}'))
    const own = await started()
    await register(own, 'go.micro.srv.greeter', node.port)
    const broken = brokenJson.filter((bytes) => !isJson(bytes))
    await fc.assert(
      fc.asyncProperty(broken, async (body) => {
        const headers = { 'Content-Type': 'application/json' }
        const answer = await fetch(`${own.url}/greeter/say/hello`, { method: 'POST', body: new Blob([body]), headers })
        expect(answer.status).toBe(400)
        await answer.text()
      }),
      runs,
    )
    expect(node.requests).toHaveLength(0)
    await own.stop()
  })

  test('broken forms at /rpc', { timeout: 60_000 }, async () => {
    const form = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.webQueryParameters(),
      fc.constantFrom('service=a', '%', 'service=%ff&method=x', '&&&==='),
    )
    await fc.assert(
      fc.asyncProperty(form, async (body) => {
        const answer = await ask('/rpc', body, 'application/x-www-form-urlencoded')
        await expectRefused(answer)
      }),
      runs,
    )
  })

  test('random lifetimes and ports at /registry', { timeout: 60_000 }, async () => {
    const ttl = fc.string({ maxLength: 12 }).filter((text) => !/^\+?(\d+\.?\d*|\.\d+)([nuµm]?s|m|h)/.test(text))
    const port = fc.oneof(
      fc.integer({ max: 0 }),
      fc.integer({ min: 65_536 }),
      fc.double({ noInteger: true, noNaN: true }),
      fc.constantFrom(null, '80', true, [], {}),
    )
    const service = (portValue: unknown) =>
      JSON.stringify({ name: 'a', nodes: [{ id: 'a1', address: '127.0.0.1', port: portValue }] })
    await fc.assert(
      fc.asyncProperty(ttl, async (text) => {
        await expectRefused(await ask(`/registry?ttl=${encodeURIComponent(text)}`, service(80), 'application/json'))
      }),
      runs,
    )
    await fc.assert(
      fc.asyncProperty(port, async (value) =>
        expectRefused(await ask('/registry', service(value), 'application/json')),
      ),
      runs,
    )
  })

  test('random deadlines are not an error of the sidecar', { timeout: 60_000 }, async () => {
    const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom('grpc-timeout', 'Timeout', 'micro-timeout-ms'), async (text, name) => {
        const headers = { 'Content-Type': 'application/json', [name]: text }
        const answer = await fetch(`${sidecar.url}/nobody/say/hello`, { method: 'POST', body: '{}', headers })
        expect([404, 408]).toContain(answer.status)
        await answer.text()
      }),
      runs,
    )
  })

  test('random bytes for a request are a 400, or nothing yet, and never the end', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 80 }), async (bytes) => {
        const caller = rawCaller(sidecar.url).send(Buffer.from(bytes)).send('\r\n\r\n')
        caller.socket.end()
        expect(await caller.end()).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
      }),
      runs,
    )
    expect((await fetch(`${sidecar.url}/livez`)).status).toBe(200)
  })
})
