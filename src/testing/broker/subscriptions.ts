import assert from 'node:assert/strict'
import { type Checks, headerOf } from './bench.js'

/** Who gets a message, and until when. */
export const subscriptions: Checks = {
  'delivers to all subscribers of the topic, and to no other': async (bench) => {
    const first = await bench.subscribe()
    const second = await bench.subscribe()
    const other = await bench.subscribe(`${bench.topic}.other`)
    await bench.publish('a')
    await bench.gets(first, ['a'])
    await bench.gets(second, ['a'])
    await bench.silence()
    await bench.gets(other, [])
  },

  'accepts what nobody subscribed to': async (bench) => {
    await bench.publish('a')
    const late = await bench.subscribe()
    await bench.silence()
    assert.deepEqual(late.bodies, [])
  },

  'keeps the order of one publisher': async (bench) => {
    const subscriber = await bench.subscribe()
    const bodies = Array.from({ length: 200 }, (_, i) => String(i))
    for (const body of bodies) await bench.publish(body)
    await bench.gets(subscriber, bodies)
  },

  'delivers nothing once unsubscribed, which may be said twice': async (bench) => {
    const stays = await bench.subscribe()
    const goes = await bench.subscribe()
    await bench.publish('a')
    await bench.gets(goes, ['a'])
    await goes.unsubscribe()
    await goes.unsubscribe()
    await bench.publish('b')
    await bench.gets(stays, ['a', 'b'])
    await bench.silence()
    assert.deepEqual(goes.bodies, ['a'])
  },

  'takes the same listener twice': async (bench) => {
    let calls = 0
    const listener = () => {
      calls++
    }
    const unsubscribe = await bench.broker.subscribe(bench.topic, listener)
    await bench.broker.subscribe(bench.topic, listener)
    await bench.publish('a')
    await bench.eventually(() => assert.equal(calls, 2))
    await unsubscribe()
    await bench.publish('b')
    await bench.eventually(() => assert.equal(calls, 3))
    await bench.silence()
    assert.equal(calls, 3)
  },

  'R27: a listener that throws or rejects harms neither the others nor the publisher': async (bench) => {
    await bench.broker.subscribe(bench.topic, () => {
      throw new Error('this listener throws')
    })
    await bench.broker.subscribe(bench.topic, () => Promise.reject(new Error('this listener rejects')))
    const well = await bench.subscribe()
    await bench.publish('a')
    await bench.publish('b')
    await bench.gets(well, ['a', 'b'])
  },

  'a listener may publish, subscribe and unsubscribe': async (bench) => {
    const answers = await bench.subscribe(`${bench.topic}.answers`)
    const unsubscribe = await bench.broker.subscribe(bench.topic, async ({ body }) => {
      await unsubscribe()
      await bench.broker.subscribe(`${bench.topic}.more`, () => undefined)
      await bench.broker.publish(`${bench.topic}.answers`, { header: headerOf({}), body })
    })
    await bench.publish('a')
    await bench.gets(answers, ['a'])
  },

  'once closed, refuses to publish and to subscribe': async (bench) => {
    const subscriber = await bench.subscribe()
    await bench.broker.close()
    await assert.rejects(bench.publish('a'))
    await assert.rejects(bench.subscribe())
    await bench.broker.close()
    assert.deepEqual(subscriber.bodies, [])
  },
}
