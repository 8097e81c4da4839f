import { load } from '../load/load.mjs'
import { openLoop } from '../load/own-load.mjs'
import { stop } from '../machine/processes.mjs'
import { startPeers } from '../peers/peers.mjs'
import { startBackend } from '../peers/program.mjs'
import { cpuPerRequest, p50, p99 } from './columns.mjs'
import { proxied } from './proxied.mjs'

/** Milliseconds behind its own schedule, in one request of a hundred, that the generator may be. */
const lateLimit = 1

export const latencyRow = {
  name: 'latency',
  title: 'latency at a fixed rate',
  columns: [p50, p99, { key: 'added', title: 'p99 above direct', digits: 2 }, cpuPerRequest],
  async run(bench) {
    const rate = Math.round((await mostOfHttpProxy(bench)) / 2)
    const take = (target, _name, seconds) => sample(target, rate, seconds, bench.options.connections)
    const peers = ['direct', 'sidecar', 'http-proxy', 'httpxy', 'nginx', 'haproxy', 'caddy']
    const { targets, notes } = await proxied(bench, { peers, take, keys: ['p50', 'p99'] })
    for (const target of Object.values(targets)) target.added = target.p99 - targets.direct?.p99
    return { title: `latency at ${rate} requests/s, half of http-proxy's most`, targets, notes }
  },
}

async function sample(target, rate, seconds, connections) {
  const result = await openLoop(target.port, { path: '/bench/small', rate, seconds, connections })
  const late = result.late.toFixed(1)
  const told = result.late > lateLimit ? [`the generator was ${late} ms late`] : []
  return { ...result, told, count: result.requests }
}

/** Requests a second: of the row that has measured it, or of a moment's load. */
async function mostOfHttpProxy(bench) {
  const known = bench.results.proxy?.targets['http-proxy']?.perSecond
  if (known !== undefined) return known
  const backend = await startBackend()
  const { 'http-proxy': target } = await startPeers(['http-proxy'], backend)
  const { seconds, connections } = bench.options
  const { perSecond } = await load(target.port, { seconds, connections, paths: ['/bench/small'] })
  await Promise.all([backend, target].map(stop))
  return perSecond
}
