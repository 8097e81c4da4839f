import { expect, test } from 'vitest'
import { memoryBroker } from '../../../src/index.js'
import { startSidecar } from '../../kit/sidecar.js'
import { post, subscriber } from '../../kit/subscriber.js'

const config = { address: '127.0.0.1:0', registry: 'memory', log: { level: 'silent' } } as const

test('R22: subscribers of before get what is published after a reload, and count on', async () => {
  const sidecar = await startSidecar({ ...config, metrics: true })
  const before = await subscriber(sidecar, 'topic=a')
  await post(sidecar, 'a', '1')
  await sidecar.reload({ ...config, metrics: true, client: { retries: 3 } })
  const after = await subscriber(sidecar, 'topic=a')
  await post(sidecar, 'a', '2')
  await before.count(2)
  await after.count(1)
  before.socket.send('3')
  await after.count(2)
  const text = await (await sidecar.fetch('/metrics')).text()
  expect(text).toContain('micro_subscribers{topic="a"} 2\n')
  expect(text).toContain('micro_broker_messages_total{topic="a",direction="in"} 3\n')
  expect(text).toContain('micro_broker_messages_total{topic="a",direction="out"} 5\n')
  const stopped = sidecar.stop()
  expect([await before.end(), await after.end()]).toEqual([1001, 1001])
  expect(await stopped).toBe(0)
})

test('R22: another broker sends the subscribers of the one before away: 1001', async () => {
  const sidecar = await startSidecar(config)
  const before = await subscriber(sidecar, 'topic=a')
  await sidecar.reload({ ...config, broker: memoryBroker() })
  expect(await before.end()).toBe(1001)
  const after = await subscriber(sidecar, 'topic=a')
  await post(sidecar, 'a', 'x')
  await after.count(1)
})

test('R22: a stream of events does not hold up the end of what was before', async () => {
  let stopped = 0
  const plugin = { name: 'one', stop: () => void stopped++ }
  const sidecar = await startSidecar({ ...config, plugins: [plugin] })
  const abort = new AbortController()
  const stream = await sidecar.fetch('/broker?topic=a', {
    headers: { accept: 'text/event-stream' },
    signal: abort.signal,
  })
  await sidecar.reload(config)
  await expect.poll(() => stopped).toBe(1)
  await post(sidecar, 'a', 'x')
  const reader = stream.body?.getReader()
  let text = ''
  while (!text.includes('"Body":"eA=="')) text += new TextDecoder().decode((await reader?.read())?.value)
  abort.abort()
})
