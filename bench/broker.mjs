// node bench/broker.mjs [--quick] [--check] [--seconds=N] [--connections=N] [--no-access-log]
// The built sidecar's broker in memory: publishes over kept connections, to one WebSocket subscriber and to fifty.
// First as fast as it goes, then at half of the figure to reach, where latency is taken.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Publishers, Subscribers } from './broker-load.mjs'
import { leaveTestedCore } from './machine/cores.mjs'
import { packageVersion } from './machine/installed.mjs'
import { cpuTime, residentMegabytes } from './machine/proc.mjs'
import { stop, stopAll } from './machine/processes.mjs'
import { cli, sidecarWith } from './peers/sidecar.mjs'
import { machineLines } from './report/head.mjs'
import { number } from './report/numbers.mjs'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '32' },
    'no-access-log': { type: 'boolean', default: false },
  },
})
const seconds = Number(options.seconds ?? (options.quick ? 2 : 6))
const connections = Number(options.connections)
const accessLog = !options['no-access-log']
const bodyBytes = 100

/** Deliveries a second. */
const WORKS = [
  { subscribers: 1, goal: 10_000 },
  { subscribers: 50, goal: 60_000 },
]

const print = (line = '') => process.stdout.write(`${line}\n`)

leaveTestedCore()
process.once('SIGINT', () => stopAll().then(() => process.exit(130)))
try {
  process.exitCode = (await main()) ? 0 : 1
} finally {
  await stopAll()
}

async function main() {
  if (!existsSync(cli)) throw new Error('nothing is built: npm run build')
  printHead()
  const reached = []
  for (const work of WORKS) reached.push(await measure(work))
  return reached.every(Boolean) || !options.check
}

function printHead() {
  print(`micro-sidecar ${packageVersion()}, broker memory · node ${process.versions.node}`)
  for (const line of machineLines('publishers and subscribers')) print(line)
  print(`${connections} publishing connections, ${bodyBytes} bytes a message, rounds of ${seconds} s`)
  print(`sidecar as shipped, access log ${accessLog ? 'on, into a pipe' : 'off'}`)
  print()
}

async function measure({ subscribers, goal }) {
  const target = await sidecarWith([], { handler: 'rpc', accessLog })
  const readers = await Subscribers.connect(target.port, subscribers)
  const writers = await Publishers.connect(target.port, connections, bodyBytes)
  await round(target, readers, writers, { seconds: 1 })
  const fast = await round(target, readers, writers, { seconds })
  const paced = await round(target, readers, writers, { seconds, perSecond: goal / 2 / subscribers })
  print(`${subscribers} subscriber${subscribers === 1 ? '' : 's'}`)
  printRound('as fast as it goes', fast)
  printRound('at half of the figure', paced)
  const goals = [
    printGoal('deliveries a second, on the wall clock', fast.perSecond, goal),
    printGoal('deliveries a second, of one whole core', 1e6 / fast.cpu, goal),
    printGoal('p99 at half of it, ms', paced.p99, 5, 'at most'),
    printGoal('deliveries missing', fast.missing + paced.missing, 0, 'at most'),
    printGoal('publishes not answered 200', fast.wrong + paced.wrong, 0, 'at most'),
  ]
  print()
  writers.close()
  readers.close()
  await stop(target)
  return goals.every(Boolean)
}

async function round(target, readers, writers, { seconds: length, perSecond }) {
  readers.reset()
  const cpuBefore = cpuTime(target.pid)
  const begun = performance.now()
  const { accepted, wrong } = await writers.run(length * 1000, perSecond)
  const elapsed = (performance.now() - begun) / 1000
  await readers.settle(accepted)
  const { count, p50, p99 } = readers.result()
  const cpu = (cpuTime(target.pid) - cpuBefore) / count
  const missing = accepted * readers.size - count
  const memory = residentMegabytes(target.pid)
  return { published: accepted / elapsed, perSecond: count / elapsed, cpu, p50, p99, missing, wrong, memory }
}

function printRound(name, { published, perSecond, cpu, p50, p99, memory }) {
  const cells = [
    `${number(published, 0)} published/s`,
    `${number(perSecond, 0)} delivered/s`,
    `${number(cpu, 1)} µs CPU each`,
    `p50 ${number(p50, 2)} ms`,
    `p99 ${number(p99, 2)} ms`,
    `${number(memory, 0)} MB`,
  ]
  print(`  ${name.padEnd(24)}${cells.map((cell) => cell.padStart(20)).join('')}`)
}

function printGoal(what, value, bound, kind = 'at least') {
  const isReached = kind === 'at least' ? value >= bound : value <= bound
  print(`  ${isReached ? 'reached' : 'MISSED '}  ${what}: ${number(value, 2)}, ${kind} ${number(bound, 0)}`)
  return isReached
}
