import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { endAll, listening } from '../e2e/support/command.js'
import { endNodes, nodeProcess } from './support/node-process.js'
import { report } from './support/report.js'
import { deregister, register } from './support/service.js'
import { Traffic } from './support/traffic.js'

afterEach(async () => {
  await endAll()
  await endNodes()
})

/** `LOAD_SECONDS=60` is the form that promises.md asks for. */
const seconds = Number(process.env.LOAD_SECONDS ?? 10)

test(
  'R1: a rolling restart of the nodes loses no call',
  async () => {
    const { url } = await listening(['--address=127.0.0.1:0', '--handler=proxy', '--log-level=error'])
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => nodeProcess(name)))
    await register(url, 'app', nodes)
    const traffic = new Traffic({ urls: [`${url}/app/x?ms=5`], perSecond: 500, methods: ['GET', 'POST'] })
    const end = performance.now() + seconds * 1000
    for (let turn = 0; performance.now() < end; turn++) {
      const place = turn % nodes.length
      const [old] = nodes.splice(place, 1)
      if (old === undefined) break
      await deregister(url, 'app', [old])
      await old.drain()
      const next = await nodeProcess(old.name)
      nodes.splice(place, 0, next)
      await register(url, 'app', [next])
      await wait(seconds * 50)
    }
    const wrong = await traffic.stop()
    report('R1', { right: traffic.right, wrong })
    expect(wrong).toEqual({})
    expect(traffic.right).toBeGreaterThan(seconds * 450)
  },
  seconds * 2000 + 20_000,
)
