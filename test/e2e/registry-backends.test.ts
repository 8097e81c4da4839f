import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { bodyOf, httpNode } from '../kit/http-node.js'
import { ConsulAgent, describeWithConsul } from '../support/consul-agent.js'
import { endAll, listening } from './support/command.js'

const timeout = 4000
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backends-'))
})

afterEach(async () => {
  await endAll()
  await rm(folder, { recursive: true })
})

describe('/registry and /rpc over every backend', () => {
  test('memory: one sidecar', async () => {
    const url = await start('--registry=memory')
    await registerAndCall(url, url)
  })

  test('mdns: what one registers, another watches and calls', async () => {
    await registerAndCall(await start('--registry=mdns'), await start('--registry=mdns'))
  })

  test('static: a change of the file is what a watch tells', async () => {
    const file = join(folder, 'services.json')
    const write = async (nodes: readonly object[]) => {
      await writeFile(`${file}~`, JSON.stringify(nodes.length === 0 ? [] : [{ name: 'shop', version: '1', nodes }]))
      await rename(`${file}~`, file)
    }
    await write([])
    await writeFile(join(folder, 'micro.config.json'), JSON.stringify({ registry: { name: 'static', file } }))
    const url = await start()
    const node = await echoNode()
    const [one, two] = ['shop-1', 'shop-2'].map((id) => ({ id, address: '127.0.0.1', port: node }))
    const seen = await watch(url)
    await write([one ?? {}])
    await seen.until(['create shop-1'])
    await write([one ?? {}, two ?? {}])
    await seen.until(['create shop-1', 'update shop-1 shop-2'])
    await callByAddress(url, 'shop', node)
    await write([])
    await seen.until(['create shop-1', 'update shop-1 shop-2', 'delete shop-1 shop-2'])
  })
})

describeWithConsul('/registry and /rpc over a real Consul', () => {
  let agent: ConsulAgent
  beforeEach(async () => {
    agent = await ConsulAgent.start()
  })
  afterEach(() => agent.kill())

  test('what one registers, another watches and calls', async () => {
    const flags = ['--registry=consul', `--registry_address=${agent.address}`]
    await registerAndCall(await start(...flags), await start(...flags))
  })
})

async function registerAndCall(here: string, there: string): Promise<void> {
  const port = await echoNode()
  const name = `shop-${process.pid}-${Date.now()}`
  const node = (id: string) => ({ id: `${name}-${id}`, address: '127.0.0.1', port })
  const seen = await watch(there, name)
  expect((await send(here, 'POST', name, [node('1')])).status).toBe(200)
  await seen.until([`create ${name}-1`])
  expect((await send(here, 'PUT', name, [node('2')])).status).toBe(200)
  await seen.until([`create ${name}-1`, `update ${name}-1 ${name}-2`])
  expect(await nodesOf(there, name)).toEqual([`${name}-1`, `${name}-2`])
  await callByAddress(there, name, port)
  expect((await send(here, 'DELETE', name, [node('1')])).status).toBe(200)
  await seen.until([`create ${name}-1`, `update ${name}-1 ${name}-2`, `update ${name}-2`])
  expect((await send(here, 'DELETE', name, [node('2')])).status).toBe(200)
  await seen.until([`create ${name}-1`, `update ${name}-1 ${name}-2`, `update ${name}-2`, `delete ${name}-2`])
  await expect.poll(() => nodesOf(there, name), { timeout }).toBe(404)
}

/** S7: that service's registered nodes only. */
async function callByAddress(url: string, service: string, port: number): Promise<void> {
  const call = async (address: string) => {
    const body = JSON.stringify({ service, method: 'Say.Hello', address, request: { name: 'John' } })
    const response = await fetch(`${url}/rpc`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    return [response.status, response.headers.get('micro-error'), await response.text()]
  }
  expect(await call(`127.0.0.1:${port}`)).toEqual([200, null, '{"name":"John"}'])
  expect(await call(`127.0.0.1:${await echoNode()}`)).toEqual([403, 'forbidden', expect.any(String)])
}

/** Answers a JSON-RPC call with its own request. */
async function echoNode(): Promise<number> {
  const node = await httpNode(async (request, response) => {
    const { id, params } = JSON.parse((await bodyOf(request)).toString())
    response.end(JSON.stringify({ id, result: params[0], error: null }))
  })
  return node.port
}

async function start(...flags: string[]): Promise<string> {
  return (await listening(['--address=127.0.0.1:0', '--log-level=error', ...flags], { cwd: folder })).url
}

async function send(url: string, method: string, name: string, nodes: readonly object[]): Promise<Response> {
  const body = JSON.stringify({ name, version: '1', nodes })
  return fetch(`${url}/registry`, { method, body, headers: { 'content-type': 'application/json' } })
}

async function nodesOf(url: string, name: string): Promise<string[] | number> {
  const answer = await fetch(`${url}/registry?service=${name}`)
  if (answer.status !== 200) return answer.status
  const services = (await answer.json()) as { nodes: { id: string }[] }[]
  return services.flatMap(({ nodes }) => nodes.map(({ id }) => id)).sort()
}

interface Seen {
  until(events: readonly string[]): Promise<void>
}

/** Follows `GET /registry` as a WebSocket; of one service, or of all. */
async function watch(url: string, name?: string): Promise<Seen> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/registry`)
  const events: string[] = []
  socket.on('message', (data) => {
    const { Action, Service } = JSON.parse(String(data))
    const ids = Service.nodes.map(({ id }: { id: string }) => id).sort()
    if (name === undefined || Service.name === name) events.push([Action, ...ids].join(' '))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { until: (wanted) => expect.poll(() => events, { timeout }).toEqual(wanted) }
}
