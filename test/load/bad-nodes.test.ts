import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { endAll, folder, listening } from '../e2e/support/command.js'
import { freePorts } from '../support/consul-agent.js'
import { endNodes, nodeProcess } from './support/node-process.js'
import { report } from './support/report.js'
import { register } from './support/service.js'
import { countBy, percentile, Traffic } from './support/traffic.js'

afterEach(async () => {
  await endAll()
  await endNodes()
})

const flags = ['--address=127.0.0.1:0', '--handler=proxy', '--log-level=error']

test('R2: a dead node fails no idempotent call, and a POST only if it was in flight there', async () => {
  const { url } = await listening(flags)
  const nodes = await Promise.all(['a', 'b', 'killed'].map((name) => nodeProcess(name)))
  const [port = 0] = await freePorts(1)
  await register(url, 'app', [...nodes, { name: 'never', port }])
  const traffic = new Traffic({ urls: [`${url}/app/x?ms=2`], callers: 16, methods: ['GET', 'POST', 'POST'] })
  await wait(2000)
  const killed = performance.now()
  nodes[2]?.signal('SIGKILL')
  await wait(6000)
  const wrong = await traffic.stop()
  report('R2', { right: traffic.right, wrong })
  const failed = traffic.outcomes.filter(({ result }) => result !== '200')
  expect(failed.filter(({ method }) => method === 'GET')).toEqual([])
  expect(failed.every(({ result }) => /^50[23] (?:reset|connect|no_node|breaker_open)$/.test(result))).toBe(true)
  expect(failed.length).toBeLessThanOrEqual(16)
  expect(failed.filter(({ at }) => at > killed + 1000)).toEqual([])
  expect(traffic.right).toBeGreaterThan(1000)
}, 40_000)

test('R3: a frozen node costs a call the time-out of one attempt at most, and is used again after the thaw', async () => {
  const { path, remove } = await folder({})
  await writeFile(join(path, 'micro.config.json'), '{ "client": { "attemptTimeout": "500ms", "retries": 1 } }')
  const { url } = await listening(flags, { cwd: path })
  const nodes = await Promise.all(['a', 'b', 'frozen'].map((name) => nodeProcess(name)))
  await register(url, 'app', nodes)
  const traffic = new Traffic({ urls: [`${url}/app/x?ms=2`], callers: 16 })
  await wait(1500)
  const [, , node] = nodes
  const frozen = performance.now()
  node?.signal('SIGSTOP')
  await wait(6000)
  const thawed = performance.now()
  node?.signal('SIGCONT')
  const before = (await node?.arrivals()) ?? 0
  await expect.poll(async () => ((await node?.arrivals()) ?? 0) - before, { timeout: 10_000 }).toBeGreaterThan(50)
  const backAfter = performance.now() - thawed
  await wait(500)
  const wrong = await traffic.stop()
  const meanwhile = traffic.outcomes.filter(({ at }) => at >= frozen && at < thawed)
  const late = meanwhile.filter(({ at }) => at >= frozen + 2000)
  const max = Math.max(...traffic.outcomes.map(({ milliseconds }) => milliseconds))
  report('R3', { right: traffic.right, wrong, max, p99: percentile(late, 0.99), backAfter })
  expect(countBy(traffic.outcomes.filter(({ result }) => result !== '200'))).toEqual({})
  expect(max).toBeLessThan(1100)
  expect(percentile(late, 0.99)).toBeLessThan(50)
  await remove()
}, 60_000)

test('R5: retries have a budget, also through three sidecars in a row', async () => {
  const node = await nodeProcess('a')
  const sidecars = await Promise.all([listening(flags), listening(flags), listening(flags)])
  const [first, second, third] = sidecars.map(({ url }) => url)
  const portOf = (url = '') => Number(new URL(url).port)
  await register(third ?? '', 'app', [node])
  await register(second ?? '', 'app', [{ name: 'third', port: portOf(third) }])
  await register(first ?? '', 'app', [{ name: 'second', port: portOf(second) }])
  const arrivedOf = async (url: string, perSecond: number, seconds: number) => {
    const before = await node.arrivals()
    const traffic = new Traffic({ urls: [`${url}/app/x?status=503`], perSecond })
    await wait(seconds * 1000)
    await traffic.stop()
    return { calls: traffic.outcomes.length, arrived: (await node.arrivals()) - before, seconds }
  }
  const alone = await arrivedOf(third ?? '', 200, 5)
  const inRow = await arrivedOf(first ?? '', 200, 5)
  report('R5', { alone, inRow })
  expect(alone.arrived).toBeLessThanOrEqual(alone.calls * 1.2 + 10 * (alone.seconds + 10))
  expect(inRow.arrived).toBeLessThanOrEqual(inRow.calls * 2)
}, 40_000)
