// Tells to which part of the request path the samples of a CPU profile belong.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sum } from '../statistics.mjs'

const rooms = {
  http: 'callers: heads, answers (src/http)',
  handlers: 'proxy and rpc (src/handlers)',
  router: 'dispatch and mapping (src/router)',
  middleware: 'middleware (src/middleware)',
  client: 'discovery, choice, breaker, deadline (src/client)',
  transport: 'connections to nodes (src/transport)',
  codec: 'codecs (src/codec, src/json)',
  json: 'codecs (src/codec, src/json)',
  telemetry: 'counts and logs (src/telemetry)',
}
const internals = [
  [/node:(?:internal\/)?timers/, 'timers (Node)'],
  [/node:_http|node:http|node:internal\/http/, 'HTTP server (Node)'],
  [/node:net|node:internal\/stream|node:stream|node:internal\/streams/, 'sockets and streams (Node)'],
  [/^node:/, 'events and the rest (Node)'],
]

/** Parts of the busy time of the profile's last seconds, the largest first. */
export function stageTimes(profile, seconds) {
  const stages = new Map(profile.nodes.map(({ id, callFrame }) => [id, stageOf(callFrame)]))
  const from = profile.endTime - seconds * 1e6
  const times = {}
  let now = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    now += profile.timeDeltas[index]
    const stage = stages.get(id)
    if (now > from && stage !== undefined) times[stage] = (times[stage] ?? 0) + profile.timeDeltas[index]
  }
  const all = sum(Object.values(times))
  const sorted = Object.entries(times).toSorted(([, a], [, b]) => b - a)
  return Object.fromEntries(sorted.map(([stage, time]) => [stage, time / all]))
}

/** Undefined for time in which nothing was done. */
function stageOf({ functionName, url, lineNumber }) {
  if (functionName === '(idle)' || functionName === '(root)') return undefined
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(program)') return 'event loop, reading, parsing (C++)'
  if (url === '') return /^write|^shutdown/.test(functionName) ? 'writing (system calls)' : 'other C++ of Node and V8'
  if (url.startsWith('file:')) return roomOf(fileURLToPath(url), lineNumber)
  return internals.find(([form]) => form.test(url))?.[1] ?? 'other'
}

const sources = new Map()

/** The bundler leaves a line `// src/http/inbound.ts` before what it takes from there. */
function roomOf(file, line) {
  if (!file.includes('/dist/')) return 'packages'
  if (!sources.has(file)) sources.set(file, readFileSync(file, 'utf8').split('\n'))
  for (const text of sources
    .get(file)
    .slice(0, line + 1)
    .reverse()) {
    const room = /^\/\/ src\/([\w-]+)/.exec(text)?.[1]
    if (room !== undefined) return rooms[room] ?? 'assembly (src)'
  }
  return 'assembly (src)'
}
