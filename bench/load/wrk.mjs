import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCore } from '../machine/cores.mjs'
import { temporaryFolder } from '../machine/folders.mjs'
import { run } from '../machine/processes.mjs'

export async function wrk(port, { seconds, connections, paths, body }) {
  const script = await scriptFor(paths, body)
  const url = `http://127.0.0.1:${port}${paths[0]}`
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...script, url]
  return read(await run({ core: loadCore, command: 'wrk', args }))
}

/** What wrk prints, as numbers. */
export function read(output) {
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? []
  return {
    requests: Number(/(\d+) requests in/.exec(output)[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]),
    bytesPerSecond: inUnits(/Transfer\/sec:\s+(\S+)/.exec(output)[1], { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }),
    p50: inUnits(/\s50%\s+(\S+)/.exec(output)[1], milliseconds),
    p99: inUnits(/\s99%\s+(\S+)/.exec(output)[1], milliseconds),
    errors: sockets.reduce((sum, count) => sum + Number(count), bad),
  }
}

const milliseconds = { us: 0.001, ms: 1, s: 1000, m: 60_000 }
const scripts = new Map()

async function scriptFor(paths, body) {
  if (paths.length === 1 && body === undefined) return []
  const text = body === undefined ? inTurn(paths) : post(body)
  if (!scripts.has(text)) {
    scripts.set(text, join(temporaryFolder(), 'load.lua'))
    writeFileSync(scripts.get(text), text)
  }
  return ['-s', scripts.get(text)]
}

function post(body) {
  const lines = [`wrk.method = 'POST'`, `wrk.headers['Content-Type'] = 'application/json'`, `wrk.body = '${body}'`]
  return lines.join('\n')
}

function inTurn(paths) {
  return `
local paths = { ${paths.map((path) => `'${path}'`).join(', ')} }
local requests = {}
local at = 0
function init()
  for i, path in ipairs(paths) do requests[i] = wrk.format('GET', path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`
}

function inUnits(text, units) {
  const [, value, unit] = /^([\d.]+)([a-zA-Z]+)$/.exec(text)
  return Number(value) * units[unit]
}
