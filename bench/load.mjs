// Offers load with wrk where it is installed, else with autocannon, and reads back what came of it.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { has, run } from './processes.mjs'

const LOAD_CORE = 1

export const tool = has('wrk') ? 'wrk' : 'autocannon'

/** `{ requests, perSecond, p50, p99, errors }` of one round; latencies in milliseconds. */
export function load(url, { seconds, connections, body }) {
  return tool === 'wrk' ? wrk(url, seconds, connections, body) : autocannon(url, seconds, connections, body)
}

async function wrk(url, seconds, connections, body) {
  const script = body === undefined ? [] : ['-s', postScript(body)]
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...script, url]
  const output = await run({ core: LOAD_CORE, command: 'wrk', args })
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? []
  return {
    requests: Number(/(\d+) requests in/.exec(output)[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]),
    p50: milliseconds(/\s50%\s+(\S+)/.exec(output)[1]),
    p99: milliseconds(/\s99%\s+(\S+)/.exec(output)[1]),
    errors: sockets.reduce((sum, count) => sum + Number(count), bad),
  }
}

function postScript(body) {
  const path = join(mkdtempSync(join(tmpdir(), 'micro-sidecar-bench-')), 'post.lua')
  const lines = [`wrk.method = 'POST'`, `wrk.headers['Content-Type'] = 'application/json'`, `wrk.body = '${body}'`]
  writeFileSync(path, lines.join('\n'))
  return path
}

function milliseconds(text) {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text)
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit]
}

async function autocannon(url, seconds, connections, body) {
  const post = body === undefined ? [] : ['-m', 'POST', '-H', 'Content-Type=application/json', '-b', body]
  const program = fileURLToPath(import.meta.resolve('autocannon'))
  const args = [program, '-j', '-n', '-c', String(connections), '-d', String(seconds), ...post, url]
  const result = JSON.parse(await run({ core: LOAD_CORE, command: process.execPath, args }))
  return {
    requests: result.requests.total,
    perSecond: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.non2xx,
  }
}
