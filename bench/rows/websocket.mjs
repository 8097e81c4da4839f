import { webSockets } from '../load/own-load.mjs'
import { cpuRatio, memory, speedRatio, withRatios } from './columns.mjs'
import { proxied } from './proxied.mjs'

export const websocketRow = {
  name: 'websocket',
  title: 'WebSocket: round trips of 100 bytes',
  columns: [
    { key: 'perSecond', title: 'trips/s', digits: 0 },
    { key: 'cpu', title: 'CPU µs/trip', digits: 1 },
    memory,
    speedRatio,
    cpuRatio,
  ],
  async run(bench) {
    const { connections } = bench.options
    const peers = ['direct', 'sidecar', 'http-proxy', 'httpxy', 'nginx', 'haproxy', 'caddy']
    const take = async (target, _name, seconds) => {
      const result = await webSockets(target.port, { path: '/bench/socket', seconds, connections })
      return { ...result, count: result.roundTrips }
    }
    const row = await proxied(bench, { peers, take, keys: ['perSecond'] })
    return { ...row, targets: withRatios(row.targets) }
  },
}
