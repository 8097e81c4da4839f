// npm run bench [-- --quick] [--check] [--rounds=N] [--seconds=N] [--connections=N] [--no-access-log] [--json=FILE]
// The built sidecar against a bare Node server, http-proxy and nginx, all in the same run, interleaved, medians.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { load } from './load.mjs'
import { cpuTime, has, residentMegabytes, stop, stopAll } from './processes.mjs'
import { printHead, printResults } from './report.mjs'
import { backend, cli, httpProxy, nginx, sidecar } from './targets.mjs'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    'no-access-log': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
const seconds = Number(options.seconds ?? (options.quick ? 2 : 4))
const connections = Number(options.connections)

const WORKS = [
  { name: 'proxy', title: 'proxy: GET, 100 bytes', path: '/bench/small' },
  { name: 'rpc', title: 'rpc: POST, JSON', path: '/', rpcPath: '/bench/say/hello', body: '{"name":"John"}' },
]
const ENVELOPE = '{"method":"Say.Hello","params":[{"name":"John"}],"id":0}'

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

process.once('SIGINT', () => stopAll().then(() => process.exit(130)))
try {
  process.exitCode = (await main()) ? 0 : 1
} finally {
  await stopAll()
}

async function main() {
  if (!existsSync(cli)) throw new Error('nothing is built: npm run build')
  printHead({ rounds, seconds, connections, accessLog: !options['no-access-log'] })
  const rest = await atRest()
  const works = {}
  for (const work of WORKS) works[work.name] = { title: work.title, targets: await measure(work) }
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ rest, works }, null, 2))
  return printResults({ rest, works }) || !options.check
}

/** Time from the command to `listening`, and memory when nothing happens. */
async function atRest() {
  const times = []
  for (let i = 0; i < (options.quick ? 3 : 7); i++) {
    const started = await sidecar('rpc')
    times.push(started.listening)
    await stop(started)
  }
  const idle = await sidecar('rpc')
  await new Promise((resolve) => setTimeout(resolve, options.quick ? 3000 : 10_000))
  const memory = residentMegabytes(idle.pid)
  await stop(idle)
  return { listening: median(times), memory }
}

async function measure(work) {
  const bare = await backend()
  const targets = { direct: bare, sidecar: await sidecar(work.name, bare.port, sidecarOptions()) }
  targets['http-proxy'] = await httpProxy(bare.port)
  if (has('nginx')) targets.nginx = await nginx(bare.port)
  const samples = Object.fromEntries(Object.keys(targets).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, target] of Object.entries(targets)) {
      const sample = await once(name, target, work, round === 0 ? Math.min(seconds, 2) : seconds)
      // The first round warms up.
      if (round > 0) samples[name].push(sample)
    }
  }
  await Promise.all(Object.values(targets).map(stop))
  return Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, middle(list)]))
}

async function once(name, target, work, duration) {
  const rpc = work.rpcPath !== undefined
  const path = rpc && name === 'sidecar' ? work.rpcPath : work.path
  const body = rpc && name !== 'sidecar' ? ENVELOPE : work.body
  const before = cpuTime(target.pid)
  const result = await load(`http://127.0.0.1:${target.port}${path}`, { seconds: duration, connections, body })
  const cpu = before === undefined ? undefined : (cpuTime(target.pid) - before) / result.requests
  return { ...result, cpu, memory: residentMegabytes(target.pid) }
}

function middle(samples) {
  const of = (key) => median(samples.map((sample) => sample[key]))
  const errors = samples.reduce((sum, sample) => sum + sample.errors, 0)
  return { perSecond: of('perSecond'), cpu: of('cpu'), p50: of('p50'), p99: of('p99'), memory: of('memory'), errors }
}

function sidecarOptions() {
  if (!options['no-access-log']) return []
  const file = join(mkdtempSync(join(tmpdir(), 'micro-sidecar-bench-')), 'micro.config.json')
  writeFileSync(file, JSON.stringify({ log: { access: false } }))
  return [`--config=${file}`]
}
