import { fileURLToPath } from 'node:url'
import { loadCore } from '../machine/cores.mjs'
import { run } from '../machine/processes.mjs'

export async function autocannon(port, { seconds, connections, paths, body }) {
  const post = body === undefined ? [] : ['-m', 'POST', '-H', 'Content-Type=application/json', '-b', body]
  const program = fileURLToPath(import.meta.resolve('autocannon'))
  const url = `http://127.0.0.1:${port}${paths[0]}`
  const args = [program, '-j', '-n', '-c', String(connections), '-d', String(seconds), ...post, url]
  const result = JSON.parse(await run({ core: loadCore, command: process.execPath, args }))
  return {
    requests: result.requests.total,
    perSecond: result.requests.total / result.duration,
    bytesPerSecond: result.throughput.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.non2xx,
  }
}
