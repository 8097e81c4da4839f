import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Sidecar } from '../../../src/index.js'
import { rawCaller } from '../../kit/raw.js'
import { closeAfterwards, startSidecar } from '../../kit/sidecar.js'
import { post } from '../../kit/subscriber.js'

/** A reader of server-sent events, and what it read. */
class Reader {
  text = ''
  ended = false
  readonly request: ClientRequest
  response: IncomingMessage | undefined
  #wake: () => void = () => {}

  constructor(sidecar: Sidecar, query: string, headers: Record<string, string>) {
    this.request = get(`${sidecar.url}/broker?${query}`, {
      agent: false,
      headers: { Accept: 'text/event-stream', ...headers },
    })
    this.request.on('error', () => this.#end())
    this.request.on('response', (response: IncomingMessage) => {
      this.response = response
      response.on('data', (chunk) => {
        this.text += chunk
        this.#wake()
      })
      response.on('close', () => this.#end())
      this.#wake()
    })
    closeAfterwards(() => this.request.destroy())
  }

  get data(): unknown[] {
    return [...this.text.matchAll(/^data: (.*)\n\n/gm)].map(([, json = '']) => JSON.parse(json))
  }

  async until(check: () => boolean): Promise<void> {
    while (!check()) {
      if (this.ended) throw new Error(`ended: ${this.text.slice(-300)}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async end(): Promise<string> {
    while (!this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.text
  }

  #end(): void {
    this.ended = true
    this.#wake()
  }
}

async function reader(sidecar: Sidecar, query: string, headers: Record<string, string> = {}): Promise<Reader> {
  const joined = new Reader(sidecar, query, headers)
  await joined.until(() => joined.text.startsWith('retry: 1000\n\n'))
  return joined
}

describe('GET /broker with Accept: text/event-stream', () => {
  test('each message is an event, in the same form as elsewhere', async () => {
    const sidecar = await startSidecar()
    const joined = await reader(sidecar, 'topic=a')
    expect(joined.response?.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-request-id': expect.any(String),
    })
    await post(sidecar, 'a', 'line\nline', { 'content-type': 'text/plain' })
    await post(sidecar, 'b', 'no')
    await post(sidecar, 'a', '')
    await joined.until(() => joined.data.length === 2)
    expect(joined.data).toMatchObject([
      { Header: { 'content-type': 'text/plain' }, Body: Buffer.from('line\nline').toString('base64') },
      { Body: '' },
    ])
  })

  test('R11: members of a queue share, with WebSockets too', async () => {
    const sidecar = await startSidecar()
    const [one, two] = await Promise.all([1, 2].map(() => reader(sidecar, 'topic=a&queue=q')))
    for (let i = 0; i < 10; i++) await post(sidecar, 'a', String(i))
    await one?.until(() => one.data.length === 5)
    await two?.until(() => two.data.length === 5)
  })

  test('a reader that has gone is forgotten', async () => {
    const sidecar = await startSidecar({ metrics: true })
    const joined = await reader(sidecar, 'topic=a')
    const subscribers = async () => /micro_subscribers\{topic="a"\} (\d)/.exec(await metrics(sidecar))?.[1]
    expect(await subscribers()).toBe('1')
    joined.request.destroy()
    while ((await subscribers()) !== '0') await new Promise((resolve) => setTimeout(resolve, 10))
  })

  test('R10: one that does not read is ended with 1013, behind what it has not read, and counted', async () => {
    const sidecar = await startSidecar({ metrics: true, limits: { subscriberBuffer: '200kb' } })
    const stalled = rawCaller(sidecar.url)
    stalled.send('GET /broker?topic=a HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n')
    await stalled.until(/retry: 1000/)
    stalled.socket.pause()
    const healthy = await reader(sidecar, 'topic=a')
    const count = 300
    for (let i = 0; i < count; i++) await post(sidecar, 'a', Buffer.alloc(50_000))
    await healthy.until(() => healthy.data.length === count)
    expect(await metrics(sidecar)).toMatch(/micro_broker_dropped_total\{reason="slow"\} [1-9]/)
    stalled.socket.resume()
    expect((await stalled.until(/event: close[\s\S]*\n\n/)).slice(-150)).toMatch(/event: close\ndata: \{"code":1013,/)
  })

  test('R4: the end of the sidecar ends it, after it was said', async () => {
    const sidecar = await startSidecar()
    const joined = await reader(sidecar, 'topic=a')
    expect(await sidecar.stop()).toBe(0)
    expect(await joined.end()).toMatch(/event: close\ndata: \{"code":1001,"reason":"the sidecar stops"\}\n\n$/)
  })

  test.each(['', 'topic=', 'topic=a%20b', 'topic=a&queue=%00'])('S5: ?%s is 400 in the error form', async (query) => {
    const sidecar = await startSidecar()
    const answer = await sidecar.fetch(`/broker?${query}`, { headers: { accept: 'text/event-stream' } })
    expect([answer.status, answer.headers.get('micro-error')]).toEqual([400, 'bad_request'])
  })

  test('HTTP/1.0 gets its events without chunks', async () => {
    const sidecar = await startSidecar()
    const raw = rawCaller(sidecar.url)
    raw.send('GET /broker?topic=a HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n')
    await raw.until(/\r\n\r\nretry: 1000\n\n$/)
    await post(sidecar, 'a', 'x')
    expect(await raw.until(/data:.*\n\n$/)).toMatch(/retry: 1000\n\ndata: \{"Header":.*,"Body":"eA=="\}\n\n$/)
  })
})

async function metrics(sidecar: Sidecar): Promise<string> {
  return (await sidecar.fetch('/metrics')).text()
}
