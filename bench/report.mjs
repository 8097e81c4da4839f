// What the bench says of itself and of what it measured.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { tool } from './load.mjs'
import { has, pinned } from './processes.mjs'

const versionOf = (name) => JSON.parse(readFileSync(new URL(`../${name}package.json`, import.meta.url), 'utf8')).version
const print = (line = '') => process.stdout.write(`${line}\n`)

export function printHead({ rounds, seconds, connections, accessLog }) {
  const programs = [`micro-sidecar ${versionOf('')}`, `node ${process.versions.node}`]
  programs.push(`http-proxy ${versionOf('node_modules/http-proxy/')}`)
  programs.push(has('nginx') ? `nginx ${reported('nginx', '-v')}` : 'no nginx here')
  programs.push(tool === 'wrk' ? `load by wrk ${reported('wrk', '-v')}` : 'load by autocannon (no wrk here)')
  print(programs.join(' · '))
  print(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`)
  print(pinned ? 'proxy on core 0, backend and load on core 1' : 'NOT pinned to cores (no taskset, or one core)')
  const turns = rounds === 1 ? `1 round of ${seconds} s` : `${rounds} rounds of ${seconds} s, interleaved, medians`
  print(`${connections} connections, ${turns}`)
  print(`sidecar as shipped, access log ${accessLog ? 'on, into a pipe' : 'off'}`)
  print()
}

export function printBrokerHead({ seconds, connections, bodyBytes, accessLog }) {
  print(`micro-sidecar ${versionOf('')}, broker memory · node ${process.versions.node}`)
  print(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`)
  print(
    pinned
      ? 'sidecar on core 0, publishers and subscribers on core 1'
      : 'NOT pinned to cores (no taskset, or one core)',
  )
  print(`${connections} publishing connections, ${bodyBytes} bytes a message, rounds of ${seconds} s`)
  print(`sidecar as shipped, access log ${accessLog ? 'on, into a pipe' : 'off'}`)
  print()
}

/** Prints the tables and the figures to reach; whether all are reached. */
export function printResults({ rest, works }) {
  for (const work of Object.values(works)) printWork(work)
  print(
    `From the command to listening: ${Math.round(rest.listening)} ms. Memory at rest: ${number(rest.memory, 1)} MB.`,
  )
  print()
  const { proxy, rpc } = works
  const goals = [
    goal(
      'proxy GET / http-proxy, requests/s',
      proxy.targets.sidecar.perSecond / proxy.targets['http-proxy'].perSecond,
      1.5,
    ),
    goal('rpc POST / proxy GET, requests/s', rpc.targets.sidecar.perSecond / proxy.targets.sidecar.perSecond, 0.85),
    goal('listening, ms', rest.listening, 800, 'at most'),
    goal('memory at rest, MB', rest.memory, 80, 'at most'),
    goal('wrong answers', errorsOf(works), 0, 'at most'),
  ]
  return goals.every(Boolean)
}

function printWork({ title, targets }) {
  const base = targets['http-proxy']
  const widths = [28, 12, 12, 9, 9, 9, 14, 12]
  const row = (cells) =>
    print(cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(''))
  row([title, 'requests/s', 'CPU µs/req', 'p50 ms', 'p99 ms', 'RSS MB', '× http-proxy', 'CPU ×'])
  for (const [name, t] of Object.entries(targets)) {
    const cells = [number(t.perSecond, 0), number(t.cpu, 1), number(t.p50, 2), number(t.p99, 2), number(t.memory, 0)]
    const label = `  ${name}${t.errors > 0 ? ` (${t.errors} errors)` : ''}`
    row([label, ...cells, number(t.perSecond / base.perSecond, 2), number(t.cpu / base.cpu, 2)])
  }
  print()
}

function goal(what, value, limit, kind = 'at least') {
  const reached = kind === 'at least' ? value >= limit : value <= limit
  print(`${reached ? 'reached' : 'MISSED '}  ${what}: ${number(value, 2)} (${kind} ${limit})`)
  return reached
}

function errorsOf(works) {
  return Object.values(works).reduce((sum, work) => sum + work.targets.sidecar.errors, 0)
}

function number(value, digits) {
  if (value === undefined || Number.isNaN(value)) return '-'
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function reported(command, flag) {
  const { stdout, stderr } = spawnSync(command, [flag], { encoding: 'utf8' })
  return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? '(version unknown)'
}
