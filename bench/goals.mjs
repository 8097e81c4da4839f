// The figures to reach, of what the rows have measured. CPU time decides, and what gets done in a second stands beside.
import { sum } from './statistics.mjs'

const goals = [
  cpuOver('proxy', 'http-proxy', 2.2),
  cpuOver('proxy', 'express + http-proxy', 4),
  cpuOver('proxy', 'caddy', 1.5),
  cpuOver('proxy', 'nginx', 0.36),
  originals(2.4),
  cpuOver('rpc', 'nginx', 0.32),
  ours('latency', 'added', 'p99 above direct, ms', { atMost: 2 }),
  ours('garbage', 'mean', 'mean scavenge, ms', { atMost: 3 }),
  speedOver('download', 'megabytes', '10 MB downloads: MB/s ÷ those of http-proxy', 1),
  speedOver('websocket', 'perSecond', 'WebSocket round trips ÷ those of http-proxy', 0.95),
  services('one called', 0.95),
  services('all called', 0.85),
  manyServicesMemory(160),
  ours('footprint', 'listening', 'from the command to listening, ms', { atMost: 600 }),
  ours('footprint', 'idle', 'memory idle, MB', { atMost: 75 }),
  ours('footprint', 'loaded', 'memory after load, MB', { atMost: 130 }),
  ours('footprint', 'connected', 'memory of 1,000 idle connections, MB', { atMost: 15 }),
  { what: 'wrong answers', atMost: 0, of: wrongAnswers },
]

/** Each goal with its `value`, or `missing`, and whether it is `reached`. `results`: by the name of the row. */
export function judged(results) {
  return goals
    .filter((goal) => goal.row === undefined || results[goal.row] !== undefined)
    .map((goal) => {
      const { value, beside } = goal.of(results)
      const missing = value === undefined || Number.isNaN(value)
      const reached = !missing && (goal.atLeast === undefined ? value <= goal.atMost : value >= goal.atLeast)
      return { ...goal, value, beside, missing, reached }
    })
}

function cpuOver(row, peer, atLeast) {
  const what = `${row === 'proxy' ? 'proxy GET' : 'rpc POST'}: ${peer}'s CPU ÷ ours`
  const of = (results) => {
    const { sidecar, [peer]: other } = results[row].targets
    return { value: other?.cpu / sidecar?.cpu, beside: `requests/s × ${fixed(sidecar?.perSecond / other?.perSecond)}` }
  }
  return { row, what, atLeast, of }
}

/**
 * The original is in no module that can still be fetched. In the study its CPU was 155 to 205 µs where nginx took 23;
 * what nginx takes here says what the lower of them would be here.
 */
function originals(atLeast) {
  const of = ({ rpc }) => ({
    value: ((rpc.targets.nginx?.cpu / 23) * 155) / rpc.targets.sidecar?.cpu,
    beside: 'NOT measured: told from nginx by the study, 155 ÷ 23 of its CPU',
  })
  return { row: 'rpc', what: "rpc POST: the Go original's CPU ÷ ours", atLeast, of }
}

function ours(row, key, what, limit) {
  return { row, what, ...limit, of: (results) => ({ value: results[row].targets.sidecar?.[key] }) }
}

function speedOver(row, key, what, atLeast) {
  const of = (results) => {
    const { sidecar, 'http-proxy': other } = results[row].targets
    return { value: sidecar?.[key] / other?.[key], beside: `CPU × ${fixed(other?.cpu / sidecar?.cpu)}` }
  }
  return { row, what, atLeast, of }
}

function services(name, atLeast) {
  const of = (results) => {
    const { 'one registered': base, [name]: other } = results.services.targets
    return { value: base?.cpu / other?.cpu, beside: `requests/s × ${fixed(other?.perSecond / base?.perSecond)}` }
  }
  return { row: 'services', what: `many services, ${name}: ÷ one registered`, atLeast, of }
}

function manyServicesMemory(atMost) {
  const of = ({ services }) => ({ value: services.targets['all called']?.memory })
  return { row: 'services', what: 'memory with all of them called, MB', atMost, of }
}

function wrongAnswers(results) {
  const targets = Object.values(results).flatMap((row) => Object.entries(row.targets))
  const own = targets.filter(([name]) => name === 'sidecar' || /registered|called/.test(name))
  return { value: sum(own.map(([, { errors }]) => errors ?? 0)) }
}

function fixed(value) {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(2)
}
