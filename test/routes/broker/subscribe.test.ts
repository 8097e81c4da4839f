import { once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { memoryBroker, type Sidecar } from '../../../src/index.js'
import { rawCaller } from '../../kit/raw.js'
import { startSidecar } from '../../kit/sidecar.js'
import { post, refusedSubscriber, subscriber } from '../../kit/subscriber.js'

const handshake = (query: string, more = '') =>
  `GET /broker?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`

describe('GET /broker with an upgrade', () => {
  test('a message is a text frame in the original form, byte for byte', async () => {
    const sidecar = await startSidecar()
    const raw = rawCaller(sidecar.url).send(handshake('topic=a'))
    const head = await raw.until(/\r\n\r\n/)
    expect(head).toMatch(/^HTTP\/1\.1 101 /)
    expect(head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(head).not.toMatch(/-(?:protocol|extensions)/i)
    const header = Object.assign(Object.create(null), { Timestamp: '1', 'X-Q': '"\\' })
    await sidecar.broker.publish('a', { header, body: Buffer.from([0, 255]) })
    const text = '{"Header":{"Timestamp":"1","X-Q":"\\"\\\\"},"Body":"AP8="}'
    await raw.until(/"}$/)
    expect(raw.received.subarray(head.length).toString('latin1')).toBe(`\x81${String.fromCharCode(text.length)}${text}`)
  })

  test.each([0, 1, 75, 76, 77, 125, 126, 49_000, 49_125, 49_126, 49_200, 1_000_000])(
    'a body of %d bytes arrives whole, whatever the frame’s head',
    async (size) => {
      const sidecar = await startSidecar()
      const joined = await subscriber(sidecar, 'topic=a')
      const body = Buffer.alloc(size, 'grüße')
      await post(sidecar, 'a', body)
      expect(Buffer.from((await joined.next()).Body, 'base64').equals(body)).toBe(true)
    },
  )

  test('all get all, in order; other topics nothing', async () => {
    const sidecar = await startSidecar()
    const all = await Promise.all(Array.from({ length: 5 }, () => subscriber(sidecar, 'topic=a')))
    const other = await subscriber(sidecar, 'topic=b')
    const bodies = Array.from({ length: 100 }, (_, i) => String(i))
    for (const body of bodies) await post(sidecar, 'a', body)
    for (const joined of all) {
      await joined.count(100)
      expect(joined.bodies).toEqual(bodies)
    }
    await post(sidecar, 'b', 'last')
    await other.count(1)
    expect(other.bodies).toEqual(['last'])
  })

  test('who has seen the handshake misses nothing', async () => {
    const sidecar = await startSidecar()
    for (let i = 0; i < 20; i++) {
      const raw = rawCaller(sidecar.url).send(handshake(`topic=a${i}&queue=${i % 2 === 0 ? '' : 'q'}`))
      await raw.until(/^HTTP\/1\.1 101 /)
      await sidecar.broker.publish(`a${i}`, { header: Object.create(null), body: Buffer.from('x') })
      await raw.until(/"Body":"eA=="/)
    }
  })

  test('what the client sends is published to the topic, text or bytes, with the handshake’s Content-Type', async () => {
    const sidecar = await startSidecar()
    const plain = await subscriber(sidecar, 'topic=a')
    const json = await subscriber(sidecar, 'topic=a', { headers: { 'Content-Type': 'application/json' } })
    plain.socket.send('hello')
    const first = { Header: { 'Content-Type': 'text/plain' }, Body: Buffer.from('hello').toString('base64') }
    expect([await plain.next(), await json.next()]).toEqual([first, first])
    json.socket.send(Uint8Array.of(0, 255))
    const second = { Header: { 'Content-Type': 'application/json' }, Body: 'AP8=' }
    expect([await plain.next(), await json.next()]).toEqual([second, second])
    json.socket.send('')
    expect((await plain.next()).Body).toBe('')
  })

  test('a client’s frames may come with the handshake, in pieces and as fragments', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, 'topic=a')
    const frame = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78])
    rawCaller(sidecar.url).send(Buffer.concat([Buffer.from(handshake('topic=a')), frame]))
    expect((await joined.next()).Body).toBe('eA==')
    const pieces = rawCaller(sidecar.url).send(handshake('topic=a'))
    await pieces.until(/101/)
    for (const byte of [0x01, 0x81, 0, 0, 0, 0, 0x78, 0x80, 0x81, 0, 0, 0, 0, 0x79]) {
      pieces.send(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    expect((await joined.next()).Body).toBe('eHk=')
  })

  test('a client that offers another subprotocol, or compression, gets neither', async () => {
    const sidecar = await startSidecar()
    const raw = rawCaller(sidecar.url).send(
      handshake(
        'topic=a',
        'Sec-WebSocket-Protocol: chat, micro.broker.v2\r\nSec-WebSocket-Extensions: permessage-deflate\r\n',
      ),
    )
    expect(await raw.until(/\r\n\r\n/)).not.toMatch(/\r\nSec-WebSocket-(?:Protocol|Extensions)/i)
  })

  test('S12: __proto__ is a topic and a queue like the others', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, 'topic=__proto__&queue=constructor')
    await post(sidecar, '__proto__', 'x')
    await joined.count(1)
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('queues', () => {
  test('R11: members share, each message once; those without a queue have all', async () => {
    const sidecar = await startSidecar()
    const members = await Promise.all([1, 2, 3].map(() => subscriber(sidecar, 'topic=a&queue=q')))
    const alone = await subscriber(sidecar, 'topic=a')
    const bodies = Array.from({ length: 90 }, (_, i) => String(i).padStart(2, '0'))
    for (const body of bodies) await post(sidecar, 'a', body)
    await alone.count(90)
    for (const member of members) await member.count(30)
    expect(members.flatMap(({ bodies }) => bodies).sort()).toEqual(bodies)
    expect(alone.bodies).toEqual(bodies)
  })

  test('R11: a member that leaves leaves the rest to the others', async () => {
    const sidecar = await startSidecar()
    const [leaver, stayer] = await Promise.all([1, 2].map(() => subscriber(sidecar, 'topic=a&queue=q')))
    leaver?.socket.close()
    await leaver?.end()
    for (let i = 0; i < 10; i++) await post(sidecar, 'a', String(i))
    await stayer?.count(10)
  })
})

describe('subscribers that do not behave', () => {
  test('S3: a frame over limits.frame closes with 1009 and is not published; the others go on', async () => {
    const sidecar = await startSidecar()
    const [bad, good] = await Promise.all([1, 2].map(() => subscriber(sidecar, 'topic=a')))
    bad?.socket.send(Buffer.alloc(16_384))
    expect((await good?.next())?.Body.length).toBe(21_848)
    bad?.socket.send(Buffer.alloc(16_385))
    expect(await bad?.end()).toBe(1009)
    await post(sidecar, 'a', 'x')
    expect((await good?.next())?.Body).toBe('eA==')
  })

  test.each<[string, number[], number]>([
    ['an unmasked frame', [0x81, 0x01, 0x78], 1002],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0], 1002],
    ['a reserved bit', [0xc1, 0x80, 0, 0, 0, 0], 1002],
    ['text that is no UTF-8', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], 1002],
    ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0], 1002],
    ['a length beyond reason', [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 1009],
  ])('S21: %s is closed with %d', async (_, bytes, code) => {
    const sidecar = await startSidecar()
    const raw = rawCaller(sidecar.url).send(handshake('topic=a'))
    const head = await raw.until(/\r\n\r\n/)
    raw.send(Buffer.from(bytes))
    await raw.end()
    const close = raw.received.subarray(head.length)
    expect([close[0], close.readUInt16BE(2)]).toEqual([0x88, bytes[9] === 0xff ? expect.toBeOneOf([1009, 1002]) : code])
    expect((await sidecar.fetch('/livez')).status).toBe(200)
  })

  test('R27: one that resets, at the handshake or later, hurts nobody', async () => {
    const sidecar = await startSidecar()
    const healthy = await subscriber(sidecar, 'topic=a')
    for (let i = 0; i < 60; i++) {
      const { socket } = rawCaller(sidecar.url).send(handshake(`topic=a${i % 2 === 0 ? '' : '&queue=q'}`))
      await once(socket, 'connect')
      for (let step = i % 6; step > 0; step--) await new Promise(setImmediate)
      socket.resetAndDestroy()
      await post(sidecar, 'a', String(i))
    }
    await healthy.count(60)
  })

  test('S5: a handshake that is none is 400 in the error form', async () => {
    const sidecar = await startSidecar()
    const raw = rawCaller(sidecar.url).send(handshake('topic=a').replace('Version: 13', 'Version: 1'))
    expect(await raw.end()).toMatch(/^HTTP\/1\.1 400 [\s\S]*"id":"go\.micro\.broker"/)
  })

  test.each([
    ['', 400],
    ['?topic=', 400],
    ['?topic=a%20b', 400],
    ['?topic=a&queue=%0a', 400],
    ['/else?topic=a', 404],
  ])('S5: a handshake for %s is %d in the error form', async (query, code) => {
    const { status, body } = await refusedSubscriber(await startSidecar(), query)
    expect([status, body]).toEqual([code, expect.objectContaining({ id: 'go.micro.broker', code })])
  })
})

describe('who may', () => {
  const paths = (sidecar: Sidecar, headers: Record<string, string>) => [
    refusedSubscriber(sidecar, '?topic=a', { headers }).then(({ status, error }) => [status, error]),
    ...['POST', 'GET'].map((method) =>
      rawCaller(sidecar.url)
        .send(`${method} /broker?topic=a HTTP/1.1\r\nHost: ${headers.Host ?? '127.0.0.1'}\r\nConnection: close\r\n`)
        .send(
          Object.entries(headers)
            .map(([name, value]) => (name === 'Host' ? '' : `${name}: ${value}\r\n`))
            .join(''),
        )
        .send('Accept: text/event-stream\r\nContent-Length: 0\r\n\r\n')
        .end()
        .then((text) => [Number(text.slice(9, 12)), /micro-error: (\w+)/.exec(text)?.[1]]),
    ),
  ]

  test.each(['http://evil.example', 'null', 'http://127.0.0.1.evil.example'])(
    'S10: a page of %s may neither publish nor subscribe: 403, and no effect',
    async (Origin) => {
      const sidecar = await startSidecar({ cors: ['http://good.example'] })
      const seen = await subscriber(sidecar, 'topic=a')
      for (const answer of await Promise.all(paths(sidecar, { Origin }))) expect(answer).toEqual([403, 'forbidden'])
      await post(sidecar, 'a', 'x')
      await seen.count(1)
      expect(seen.bodies).toEqual(['x'])
    },
  )

  test('S10: a page of this host, or one on the list, may', async () => {
    const sidecar = await startSidecar({ cors: ['http://good.example'] })
    for (const origin of [sidecar.url, 'http://good.example']) {
      await subscriber(sidecar, 'topic=a', { headers: { Origin: origin } })
      expect((await post(sidecar, 'a', '', { Origin: origin })).status).toBe(200)
    }
  })

  test('S10: another name for a loopback listener is 421', async () => {
    const sidecar = await startSidecar()
    for (const answer of await Promise.all(paths(sidecar, { Host: 'rebound.example' }))) expect(answer[0]).toBe(421)
  })

  test('S8, S14: with a token set: none 401, wrong 403, right lets in, and the token is in no message', async () => {
    const token = 'canary-token'
    const sidecar = await startSidecar({ auth: { token } })
    for (const answer of await Promise.all(paths(sidecar, {}))) expect(answer).toEqual([401, 'unauthorized'])
    const wrong = await Promise.all(paths(sidecar, { Authorization: 'Bearer x' }))
    for (const answer of wrong) expect(answer).toEqual([403, 'forbidden'])
    const headers = { Authorization: `Bearer ${token}` }
    const seen = await subscriber(sidecar, 'topic=a', { headers })
    expect((await post(sidecar, 'a', 'x', headers)).status).toBe(200)
    expect(JSON.stringify(await seen.next())).not.toContain('canary')
    seen.socket.send('y')
    expect(JSON.stringify(await seen.next())).not.toContain('canary')
  })
})

describe('the end', () => {
  test('R4: subscribers get 1001, and what comes during the drain is 503', async () => {
    const sidecar = await startSidecar({ drain: { lameDuck: '300ms', grace: 500, hard: 2000 } })
    const joined = await subscriber(sidecar, 'topic=a')
    const kept = rawCaller(sidecar.url)
    kept.send('POST /broker?topic=a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx')
    await kept.until(/200 OK/)
    const stopped = sidecar.stop()
    expect(await joined.end()).toBe(1001)
    kept.send('POST /broker?topic=a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\ny')
    expect(await kept.end()).not.toMatch(/200 OK[\s\S]*200 OK/)
    expect(await stopped).toBe(0)
    expect(joined.bodies).toEqual(['x'])
  })

  test('an end that the client asks for is answered, and forgotten', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, 'topic=a')
    joined.socket.close(1000)
    expect(await joined.end()).toBe(1000)
    expect((await post(sidecar, 'a', 'x')).status).toBe(200)
  })
})

test('500 subscribers of one topic share one subscription at the broker, which ends with the last', async () => {
  const broker = memoryBroker()
  const subscribe = vi.spyOn(broker, 'subscribe')
  const sidecar = await startSidecar({ broker })
  const all = await Promise.all(Array.from({ length: 500 }, () => subscriber(sidecar, 'topic=a')))
  await post(sidecar, 'a', 'x')
  await vi.waitFor(() => expect(all.every(({ frames }) => frames.length === 1)).toBe(true), 5000)
  expect(subscribe).toHaveBeenCalledOnce()
  for (const { socket } of all) socket.close()
  await Promise.all(all.map((one) => one.end()))
  const again = await subscriber(sidecar, 'topic=a')
  await post(sidecar, 'a', 'y')
  await again.count(1)
  expect(subscribe).toHaveBeenCalledTimes(2)
})
