import { load, tool } from '../load/load.mjs'
import { loadCore } from '../machine/cores.mjs'
import { stop } from '../machine/processes.mjs'
import { startProgram } from '../peers/program.mjs'
import { serviceOf, sidecarWith } from '../peers/sidecar.mjs'
import { Rounds } from '../rounds.mjs'
import { mapValues } from '../statistics.mjs'
import { cpuPerRequest, memory, p99, requestsPerSecond } from './columns.mjs'
import { costOf, figures } from './proxied.mjs'

const nodesEach = 5

export const servicesRow = {
  name: 'services',
  title: `many services of ${nodesEach} nodes`,
  columns: [
    requestsPerSecond,
    cpuPerRequest,
    p99,
    memory,
    { key: 'speedRatio', title: '× one registered', digits: 2 },
    { key: 'cpuRatio', title: 'CPU ×', digits: 2 },
  ],
  async run(bench) {
    if (tool !== 'wrk' || process.platform !== 'linux') return { targets: {}, notes: ['needs wrk, and Linux'] }
    const count = bench.options.quick ? 100 : 1000
    const nodes = await startProgram('many-nodes', { core: loadCore })
    const services = Array.from({ length: count }, (_, index) => serviceOf(`s${index}`, placesOf(index, nodes.port)))
    const targets = await startAll(services, bench.options)
    const take = takeOf(count, bench.options)
    // While the others had their turn, its connections ran out of time: let it make them again, unmeasured.
    const prepare = bench.options.quick ? undefined : (target, name) => take(target, name, 2)
    const rounds = new Rounds(targets, take, { ...bench.options, helpers: [nodes.pid], decides: costOf, prepare })
    const samples = await rounds.run()
    await Promise.all([nodes, ...Object.values(targets)].map(stop))
    const row = mapValues(samples, (list) => figures(list, ['perSecond', 'p50', 'p99']))
    return { title: `${count} services of ${nodesEach} nodes`, targets: withRatios(row), notes: rounds.notes }
  },
}

/** A sidecar for each: what one has called shows in none of the others. */
async function startAll(services, { accessLog }) {
  return {
    'one registered': await sidecarWith(services.slice(0, 1), { accessLog }),
    'one called': await sidecarWith(services, { accessLog }),
    'all called': await sidecarWith(services, { accessLog }),
  }
}

function takeOf(count, { connections }) {
  const paths = Array.from({ length: count }, (_, index) => `/s${index}/small`)
  return async (target, name, seconds) => {
    const called = name === 'all called' ? paths : paths.slice(0, 1)
    const result = await load(target.port, { seconds, connections, paths: called })
    return { ...result, count: result.requests }
  }
}

/** Every node at an address of its own, as in life. */
function placesOf(service, port) {
  return Array.from({ length: nodesEach }, (_, index) => {
    const node = service * nodesEach + index + 1
    return { address: `127.1.${node >> 8}.${node & 255}`, port }
  })
}

function withRatios(targets) {
  const base = targets['one registered']
  for (const target of Object.values(targets)) {
    target.speedRatio = target.perSecond / base.perSecond
    target.cpuRatio = base.cpu / target.cpu
  }
  return targets
}
