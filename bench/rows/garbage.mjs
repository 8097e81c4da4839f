import { load } from '../load/load.mjs'
import { stop } from '../machine/processes.mjs'
import { expressHttpProxy, httpProxy, httpxy } from '../peers/node-proxies.mjs'
import { startBackend } from '../peers/program.mjs'
import { sidecar } from '../peers/sidecar.mjs'
import { sum } from '../statistics.mjs'
import { scavenges } from './scavenges.mjs'

const peers = { sidecar, 'http-proxy': httpProxy, 'express + http-proxy': expressHttpProxy, httpxy }

export const garbageRow = {
  name: 'garbage',
  title: 'garbage: scavenges under full load (--trace-gc)',
  columns: [
    { key: 'mean', title: 'mean ms', digits: 2 },
    { key: 'longest', title: 'longest ms', digits: 2 },
    { key: 'perSecond', title: 'a second', digits: 1 },
  ],
  async run(bench) {
    const backend = await startBackend()
    const targets = {}
    for (const name of bench.peersOf(Object.keys(peers))) targets[name] = await measure(bench, peers[name], backend)
    await stop(backend)
    return { targets, notes: [] }
  },
}

async function measure(bench, startPeer, backend) {
  const { accessLog, connections, quick, rounds } = bench.options
  let trace = ''
  const onOutput = (chunk) => {
    trace += chunk
  }
  const target = await startPeer(backend, { accessLog, nodeFlags: ['--trace-gc'], onOutput })
  const request = { connections, paths: ['/bench/small'] }
  if (!quick) await load(target.port, { seconds: 2, ...request })
  trace = ''
  const seconds = bench.options.seconds * rounds
  const { errors } = await load(target.port, { seconds, ...request })
  await stop(target)
  const times = scavenges(trace)
  const mean = times.length === 0 ? 0 : sum(times) / times.length
  return { mean, longest: Math.max(0, ...times), perSecond: times.length / seconds, errors }
}
