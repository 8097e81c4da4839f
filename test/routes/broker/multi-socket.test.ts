import { once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { memoryBroker } from '../../../src/index.js'
import { startSidecar } from '../../kit/sidecar.js'
import { post, type Subscriber, subscriber } from '../../kit/subscriber.js'

const protocols = ['micro.broker.v1']
const base64 = (text: string) => Buffer.from(text).toString('base64')

function tell(joined: Subscriber, frame: unknown): void {
  joined.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
}

async function ask(joined: Subscriber, frame: unknown): Promise<unknown> {
  tell(joined, frame)
  return joined.next()
}

describe('micro.broker.v1', () => {
  test('several topics on one socket, each message with its topic; an answer where there is an Id', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, '', { protocols })
    expect(joined.socket.protocol).toBe('micro.broker.v1')
    expect(await ask(joined, { Subscribe: 'a', Id: 1 })).toEqual({ Id: 1, Ok: true })
    expect(await ask(joined, { Subscribe: 'b', Id: 'two' })).toEqual({ Id: 'two', Ok: true })
    await post(sidecar, 'a', 'x')
    await post(sidecar, 'b', 'y')
    await post(sidecar, 'c', 'z')
    const got = [await joined.next(), await joined.next()]
    expect(got.map(({ Topic, Body }) => [Topic, Body])).toEqual([
      ['a', base64('x')],
      ['b', base64('y')],
    ])
    expect(await ask(joined, { Unsubscribe: 'a', Id: 3 })).toEqual({ Id: 3, Ok: true })
    await post(sidecar, 'a', 'no more')
    await post(sidecar, 'b', 'last')
    expect(await joined.next()).toMatchObject({ Topic: 'b', Body: base64('last') })
  })

  test('the topic of the handshake is the first', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, 'topic=a&queue=q', { protocols })
    await post(sidecar, 'a', 'x')
    expect(await joined.next()).toMatchObject({ Topic: 'a', Body: base64('x') })
    expect(await ask(joined, { Unsubscribe: 'a', Queue: 'q', Id: 1 })).toEqual({ Id: 1, Ok: true })
  })

  test('publishes with a header of its own, to any topic, and is told that it was accepted', async () => {
    const sidecar = await startSidecar()
    const old = await subscriber(sidecar, 'topic=a')
    const joined = await subscriber(sidecar, '', { protocols })
    const frame = { Publish: 'a', Header: { Timestamp: '1' }, Body: base64('x'), Id: 1 }
    expect(await ask(joined, frame)).toEqual({ Id: 1, Ok: true })
    expect(await old.next()).toEqual({ Header: { Timestamp: '1' }, Body: base64('x') })
    tell(joined, { Publish: 'a' })
    expect(await old.next()).toEqual({ Header: {}, Body: '' })
    expect(joined.frames).toEqual([])
  })

  test('what stands behind a Subscribe finds it made, without waiting for the answer', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, '', { protocols })
    tell(joined, { Subscribe: 'a' })
    tell(joined, { Publish: 'a', Body: base64('x') })
    tell(joined, { Unsubscribe: 'a' })
    tell(joined, { Publish: 'a', Body: base64('y') })
    expect(await ask(joined, { Subscribe: 'b', Id: 1 })).toMatchObject({ Topic: 'a', Body: base64('x') })
    expect(await joined.next()).toEqual({ Id: 1, Ok: true })
  })

  test('members of a queue share, on one socket too', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, '', { protocols })
    await ask(joined, { Subscribe: 'a', Queue: 'q', Id: 1 })
    await ask(joined, { Subscribe: 'a', Queue: 'q', Id: 2 })
    const other = await subscriber(sidecar, 'topic=a&queue=q')
    for (let i = 0; i < 10; i++) await post(sidecar, 'a', String(i))
    await Promise.all([joined.count(5), other.count(5)])
  })

  test('a publish that was not accepted is answered 503, and the socket stays', async () => {
    const broker = memoryBroker()
    const sidecar = await startSidecar({ broker })
    const joined = await subscriber(sidecar, '', { protocols })
    vi.spyOn(broker, 'publish').mockRejectedValueOnce(new Error('no server'))
    expect(await ask(joined, { Publish: 'a', Id: 1 })).toEqual({
      Id: 1,
      Error: {
        id: 'go.micro.broker',
        code: 503,
        detail: 'the broker memory did not accept the message: no server',
        status: 'Service Unavailable',
      },
    })
    expect(await ask(joined, { Publish: 'a', Id: 2 })).toEqual({ Id: 2, Ok: true })
  })

  test.each<[unknown, string]>([
    ['x', 'the frame is no JSON'],
    ['', 'the frame is no JSON'],
    ['null', 'the frame is no JSON object'],
    ['[]', 'the frame is no JSON object'],
    ['1', 'the frame is no JSON object'],
    [{}, 'a frame has one of Subscribe, Unsubscribe and Publish, with the topic'],
    [{ Subscribe: 'a', Publish: 'a' }, 'a frame has one of Subscribe, Unsubscribe and Publish, with the topic'],
    [{ Subscribe: 1 }, 'the topic must be a text'],
    [{ Subscribe: '' }, 'Topic not specified'],
    [{ Subscribe: 'a b' }, 'the topic "a b" holds white space or control characters'],
    [{ Subscribe: 'a', Queue: 1 }, 'Queue must be a text'],
    [{ Subscribe: 'a', Queue: 'b\n' }, 'the queue "b\\n" holds white space or control characters'],
    [{ Unsubscribe: 'a' }, 'there is no such subscription here'],
    [{ Publish: 'a', Header: [] }, 'Header must be an object'],
    [{ Publish: 'a', Header: { a: 1 } }, 'a value in Header must be a text'],
    [{ Publish: 'a', Body: 'x' }, 'Body must be base64'],
    [{ Publish: 'a', Body: {} }, 'Body must be a text'],
    [{ Publish: 'a', Id: {} }, 'Id must be a number, or a text of at most 128 characters'],
    [{ Publish: 'a', Id: 'x'.repeat(129) }, 'Id must be a number, or a text of at most 128 characters'],
  ])('S5: %j is an error that says why, and does nothing', async (frame, detail) => {
    const sidecar = await startSidecar()
    const seen = await subscriber(sidecar, 'topic=a')
    const joined = await subscriber(sidecar, '', { protocols })
    const answer = await ask(joined, frame)
    expect(answer).toMatchObject({ Error: { id: 'go.micro.broker', detail } })
    expect(Object.keys(Object(answer))).toEqual(['Error'])
    expect(await ask(joined, { Publish: 'a', Body: base64('well'), Id: 9 })).toEqual({ Id: 9, Ok: true })
    expect((await seen.next()).Body).toBe(base64('well'))
  })

  test('S12: __proto__ is data in every place', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, '', { protocols })
    await ask(joined, { Subscribe: '__proto__', Queue: 'constructor', Id: 1 })
    tell(joined, '{"Publish":"__proto__","Header":{"__proto__":"x"},"__proto__":{"Id":"y"}}')
    const message = await joined.next()
    expect(message.Topic).toBe('__proto__')
    expect(Object.entries(message.Header)).toEqual([['__proto__', 'x']])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('a binary frame is refused, and a socket has a bound of subscriptions', async () => {
    const sidecar = await startSidecar()
    const joined = await subscriber(sidecar, '', { protocols })
    joined.socket.send(Buffer.from('{"Subscribe":"a"}'), { binary: true })
    expect(await joined.next()).toMatchObject({ Error: { code: 400 } })
    for (let i = 0; i < 1000; i++) tell(joined, { Subscribe: `a${i}` })
    expect(await ask(joined, { Subscribe: 'more', Id: 2 })).toMatchObject({ Id: 2, Error: { code: 429 } })
    expect(await ask(joined, { Subscribe: 'a5', Id: 3 })).toEqual({ Id: 3, Ok: true })
  })

  test('a client that sends faster than the broker takes is not read for the while', async () => {
    const broker = memoryBroker()
    const sidecar = await startSidecar({ broker })
    const joined = await subscriber(sidecar, '', { protocols })
    const held: (() => void)[] = []
    let most = 0
    vi.spyOn(broker, 'publish').mockImplementation(() => {
      most = Math.max(most, held.length + 1)
      return new Promise((resolve) => held.push(resolve))
    })
    const body = 'A'.repeat(12_000)
    for (let i = 0; i < 500; i++) tell(joined, { Publish: 'a', Body: body, Id: i })
    let answered = 0
    joined.socket.on('message', () => answered++)
    await vi.waitFor(() => expect(most).toBeGreaterThanOrEqual(64))
    while (answered < 500) {
      for (const release of held.splice(0)) release()
      await Promise.race([once(joined.socket, 'message'), new Promise((resolve) => setTimeout(resolve, 5))])
    }
    expect(most).toBeLessThan(80)
  })
})
