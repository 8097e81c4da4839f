import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { journalBroker } from '../../examples/own-broker/journal.js'
import { type Broker, definePlugin, memoryBroker } from '../../src/index.js'
import { brokerConformance } from '../../src/testing.js'
import { startSidecar } from '../kit/sidecar.js'
import { post, subscriber } from '../kit/subscriber.js'

const folder = mkdtempSync(join(tmpdir(), 'micro-sidecar-test-'))

afterAll(() => rm(folder, { recursive: true }))

brokerConformance('the example’s', () => journalBroker(join(folder, 'messages')), { test })

/** In a sidecar's slot, as everyone there sees it. */
async function slotted(broker: Broker): Promise<Broker> {
  const plugin = definePlugin({ name: 'mine', broker: () => broker })
  const sidecar = await startSidecar({ broker: 'mine', plugins: [plugin] })
  // The sidecar has started it, and ends it too.
  const { name } = sidecar.broker
  return {
    name,
    publish: (topic, message) => sidecar.broker.publish(topic, message),
    subscribe: (topic, listener, options) => sidecar.broker.subscribe(topic, listener, options),
    status: () => sidecar.broker.status(),
    close: () => sidecar.broker.close(),
  }
}

brokerConformance('a plugin’s', () => slotted(memoryBroker()), { test })

test('a plugin’s broker gets its options, is started before plugins, and closed at the end', async () => {
  const life: string[] = []
  const broker: Broker = { ...wrapped(memoryBroker()), name: 'mine' }
  const plugin = definePlugin({
    name: 'mine',
    broker: (options) => {
      life.push(`made ${JSON.stringify(options)}`)
      return {
        ...broker,
        start: async () => void life.push('started'),
        close: async () => void life.push('closed'),
      }
    },
    start: () => void life.push('plugin started'),
  })
  const sidecar = await startSidecar({ broker: { name: 'mine', at: ['x'] }, plugins: [plugin] })
  const joined = await subscriber(sidecar, 'topic=a')
  await post(sidecar, 'a', 'x')
  expect(await joined.next()).toMatchObject({ Body: 'eA==' })
  await sidecar.stop()
  expect(life).toEqual(['made {"at":["x"]}', 'started', 'plugin started', 'closed'])
})

test('a broker that does not start keeps the sidecar from starting, and is closed', async () => {
  let closed = 0
  const broker = { ...wrapped(memoryBroker()), start: () => Promise.reject(new Error('no way')) }
  const failing = startSidecar({ broker: { ...broker, close: async () => void closed++ } })
  await expect(failing).rejects.toThrow('no way')
  expect(closed).toBe(1)
})

test('S12: what a program publishes is checked: a header is texts, a body bytes', async () => {
  const { broker } = await startSidecar()
  const got: unknown[] = []
  await broker.subscribe('a', ({ header, body }) => void got.push([Object.getPrototypeOf(header), { ...header }, body]))
  const body = Buffer.from('x')
  await broker.publish('a', { header: { a: 'b' }, body })
  expect(got).toEqual([[null, { a: 'b' }, body]])
  const wrong: unknown[] = [{ body }, { header: { a: 1 }, body }, { header: {}, body: 'x' }, { header: {} }]
  for (const message of wrong) {
    await expect(Reflect.apply(broker.publish, broker, ['a', message])).rejects.toMatchObject({ code: 400 })
  }
  await expect(broker.publish('a b', { header: {}, body })).rejects.toMatchObject({ code: 400 })
  await expect(broker.subscribe('', () => undefined)).rejects.toMatchObject({ detail: 'Topic not specified' })
})

test('subscriptions of a program are counted, and those that failed are not', async () => {
  const sidecar = await startSidecar()
  const metrics = async () => (await sidecar.fetch('/metrics')).text()
  const unsubscribe = await sidecar.broker.subscribe('a', () => Promise.reject(new Error('x')))
  await post(sidecar, 'a')
  const text = await metrics()
  expect(text).toContain('micro_subscribers{topic="a"} 1\n')
  expect(text).toContain('micro_broker_messages_total{topic="a",direction="out"} 1\n')
  expect(text).toContain('micro_broker_dropped_total{reason="listener"} 1\n')
  await unsubscribe()
  await unsubscribe()
  expect(await metrics()).toContain('micro_subscribers{topic="a"} 0\n')
})

function wrapped(broker: Broker): Broker {
  return {
    name: broker.name,
    publish: (topic, message) => broker.publish(topic, message),
    subscribe: (topic, listener, options) => broker.subscribe(topic, listener, options),
    status: () => broker.status(),
    close: () => broker.close(),
  }
}
