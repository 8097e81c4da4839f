import { load } from '../load/load.mjs'
import * as columns from './columns.mjs'
import { proxied } from './proxied.mjs'

const all = ['direct', 'sidecar', 'http-proxy', 'express + http-proxy', 'httpxy', 'nginx', 'haproxy', 'caddy']
const envelope = '{"method":"Say.Hello","params":[{"name":"John"}],"id":0}'

const shown = [
  columns.requestsPerSecond,
  columns.cpuPerRequest,
  columns.p50,
  columns.p99,
  columns.memory,
  columns.speedRatio,
  columns.cpuRatio,
]

export const proxyRow = {
  name: 'proxy',
  title: 'proxy: GET, 100 bytes',
  columns: shown,
  run: (bench) => smallRequests(bench, { everyPeer: true, requestOf: () => ({ paths: ['/bench/small'] }) }),
}

/** The sidecar turns the path into a call; the others are handed the call, and pass it on. */
export const rpcRow = {
  name: 'rpc',
  title: 'rpc: POST, JSON',
  columns: shown,
  run: (bench) => smallRequests(bench, { sidecar: { handler: 'rpc' }, requestOf: callOf }),
}

function callOf(name) {
  if (name === 'sidecar') return { paths: ['/bench/say/hello'], body: '{"name":"John"}' }
  return { paths: ['/bench'], body: envelope }
}

async function smallRequests(bench, { everyPeer, sidecar, requestOf }) {
  const { connections } = bench.options
  const take = async (target, name, seconds) => {
    const result = await load(target.port, { seconds, connections, ...requestOf(name) })
    return { ...result, count: result.requests }
  }
  const row = await proxied(bench, { peers: all, everyPeer, sidecar, take, keys: ['perSecond', 'p50', 'p99'] })
  return { ...row, targets: columns.withRatios(row.targets) }
}
