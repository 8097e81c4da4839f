import { load } from '../load/load.mjs'
import { speedRatio } from './columns.mjs'
import { proxied } from './proxied.mjs'

const megabyte = 1024 * 1024
const connections = 8

export const downloadRow = {
  name: 'download',
  title: 'downloads of 10 MB',
  columns: [
    { key: 'megabytes', title: 'MB/s', digits: 0 },
    { key: 'cpu', title: 'CPU µs/MB', digits: 0 },
    { key: 'memory', title: 'RSS MB', digits: 0 },
    speedRatio,
  ],
  async run(bench) {
    const peers = ['direct', 'sidecar', 'http-proxy', 'express + http-proxy', 'httpxy', 'nginx', 'haproxy', 'caddy']
    const row = await proxied(bench, { peers, take, keys: ['megabytes'] })
    const base = row.targets['http-proxy']
    for (const target of Object.values(row.targets)) target.speedRatio = target.megabytes / base?.megabytes
    return row
  },
}

async function take(target, _name, seconds) {
  const { bytesPerSecond, errors } = await load(target.port, { seconds, connections, paths: ['/bench/large'] })
  const megabytes = bytesPerSecond / megabyte
  return { megabytes, count: megabytes * seconds, errors }
}
