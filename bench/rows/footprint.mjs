import { setTimeout as wait } from 'node:timers/promises'
import { withIdleConnections } from '../load/idle-connections.mjs'
import { load } from '../load/load.mjs'
import { residentMegabytes } from '../machine/proc.mjs'
import { stop } from '../machine/processes.mjs'
import { peerNames, startPeers } from '../peers/peers.mjs'
import { startBackend } from '../peers/program.mjs'
import { registerAll } from '../peers/register.mjs'
import { serviceOf } from '../peers/sidecar.mjs'
import { median } from '../statistics.mjs'

const path = '/bench/small'

export const footprintRow = {
  name: 'footprint',
  title: 'start and memory',
  columns: [
    { key: 'listening', title: 'listening ms', digits: 0 },
    { key: 'idle', title: 'idle MB', digits: 1 },
    { key: 'connected', title: '+ 1,000 idle', digits: 1 },
    { key: 'loaded', title: 'after load MB', digits: 1 },
  ],
  async run(bench) {
    const { quick } = bench.options
    const backend = await startBackend()
    const names = bench.peersOf(peerNames)
    const times = await timesToListen(names, backend, quick ? 1 : 5)
    const targets = await startPeers(names, backend, { accessLog: bench.options.accessLog, unregistered: true })
    await wait(quick ? 500 : 10_000)
    const rows = {}
    for (const [name, target] of Object.entries(targets)) {
      rows[name] = { listening: median(times[name]), idle: residentMegabytes(target.pid) }
    }
    if (targets.sidecar) await register(targets.sidecar, backend)
    for (const [name, target] of Object.entries(targets)) Object.assign(rows[name], await busy(bench.options, target))
    await Promise.all([backend, ...Object.values(targets)].map(stop))
    return { targets: rows, notes: [] }
  },
}

/** Milliseconds from the command to the moment when it says `listening`, or its port accepts. */
async function timesToListen(names, backend, count) {
  const times = {}
  for (let round = 0; round < count; round++) {
    for (const name of names) {
      const started = await startPeers([name], backend, { unregistered: true })
      if (started[name] === undefined) continue
      times[name] = [...(times[name] ?? []), started[name].listening]
      await stop(started[name])
    }
  }
  return times
}

const register = ({ port }, backend) =>
  registerAll(port, [serviceOf('bench', [{ address: '127.0.0.1', port: backend.port }])])

/** What 1,000 kept connections add to one that has served, and where full load leaves it. */
async function busy({ seconds, connections, quick }, target) {
  const memory = () => residentMegabytes(target.pid)
  await withIdleConnections(target.port, { path, count: 1 }, ignore)
  const before = memory()
  const connected = await withIdleConnections(target.port, { path, count: 1000 }, memory)
  const { errors } = await load(target.port, { seconds, connections, paths: [path] })
  await wait(quick ? 200 : 1000)
  return { connected: connected - before, loaded: memory(), errors }
}

function ignore() {}
