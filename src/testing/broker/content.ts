import assert from 'node:assert/strict'
import { type Checks, headerOf } from './bench.js'

/** A message arrives as it was published. */
export const content: Checks = {
  'delivers body and header as they are': async (bench) => {
    const subscriber = await bench.subscribe()
    const body = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    await bench.publish(body, { 'Content-Type': 'application/json', 'X-Two': 'a, b', timestamp: '1' })
    await bench.eventually(() => assert.equal(subscriber.messages.length, 1))
    const message = subscriber.messages[0]
    assert.deepEqual(message?.body, body)
    assert.deepEqual({ ...message.header }, { 'Content-Type': 'application/json', 'X-Two': 'a, b', timestamp: '1' })
  },

  'keeps the spelling of header names': async (bench) => {
    const subscriber = await bench.subscribe()
    await bench.publish('', { Timestamp: '1', 'x-LOWER': '2', 'Micro-Id': '3' })
    await bench.eventually(() => assert.equal(subscriber.messages.length, 1))
    const names = Object.keys(subscriber.messages[0]?.header ?? {})
    assert.deepEqual(names.sort(), ['Micro-Id', 'Timestamp', 'x-LOWER'])
  },

  'S12: takes any topic, queue and header name as data': async (bench) => {
    const names = ['__proto__', 'constructor', 'toString', 'grüße-世界-🚀']
    for (const name of names) {
      const topic = `${bench.topic}.${name}`
      const all = await bench.subscribe(topic)
      const one = await bench.subscribe(topic, { queue: name })
      await bench.broker.publish(topic, { header: headerOf([[name, name]]), body: Buffer.from(name) })
      await bench.gets(all, [name])
      await bench.gets(one, [name])
      const header = all.messages[0]?.header ?? {}
      assert.equal(Object.getPrototypeOf(header), null)
      assert.deepEqual(Object.entries(header), [[name, name]])
    }
    assert.deepEqual(Object.keys(Object.prototype), [])
  },

  'delivers an empty message': async (bench) => {
    const subscriber = await bench.subscribe()
    await bench.publish('')
    await bench.gets(subscriber, [''])
    assert.deepEqual(Object.keys(subscriber.messages[0]?.header ?? { none: true }), [])
  },

  'delivers half a megabyte': async (bench) => {
    const subscriber = await bench.subscribe()
    const body = Buffer.alloc(524_288, 'micro-')
    await bench.publish(body)
    await bench.eventually(() => assert.equal(subscriber.messages.length, 1))
    assert.ok(subscriber.messages[0]?.body.equals(body))
  },

  'names its state and its guarantee': async (bench) => {
    const { state, guarantee } = bench.broker.status()
    assert.equal(state, 'ok')
    assert.ok(guarantee === 'at-most-once' || guarantee === 'at-least-once')
    assert.notEqual(bench.broker.name, '')
  },
}
