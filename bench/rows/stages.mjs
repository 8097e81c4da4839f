import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from '../load/load.mjs'
import { temporaryFolder } from '../machine/folders.mjs'
import { cpuTime } from '../machine/proc.mjs'
import { stop } from '../machine/processes.mjs'
import { startBackend } from '../peers/program.mjs'
import { sidecar } from '../peers/sidecar.mjs'
import { stageTimes } from './stage-times.mjs'

const works = {
  proxy: { handler: 'proxy', paths: ['/bench/small'] },
  rpc: { handler: 'rpc', paths: ['/bench/say/hello'], body: '{"name":"John"}' },
}

export const stagesRow = {
  name: 'stages',
  title: 'where the CPU µs of a request go (--cpu-prof)',
  columns: [
    { key: 'proxy', title: 'proxy GET', digits: 1 },
    { key: 'rpc', title: 'rpc POST', digits: 1 },
  ],
  async run(bench) {
    const backend = await startBackend()
    const targets = {}
    for (const [name, work] of Object.entries(works)) {
      for (const [stage, cost] of Object.entries(await measure(bench.options, work, backend))) {
        targets[stage] = { ...targets[stage], [name]: cost }
      }
    }
    await stop(backend)
    return { targets, notes: [] }
  },
}

/** Microseconds a request by stage. The profiler itself makes all of them some percent dearer. */
async function measure({ accessLog, connections, quick, rounds, seconds }, { handler, ...request }, backend) {
  const folder = temporaryFolder()
  const nodeFlags = ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${folder}`]
  const target = await sidecar(backend, { handler, accessLog, nodeFlags })
  if (!quick) await load(target.port, { seconds: 2, connections, ...request })
  const before = cpuTime(target.pid)
  const long = seconds * Math.min(rounds, 2)
  const { requests } = await load(target.port, { seconds: long, connections, ...request })
  const each = (cpuTime(target.pid) - before) / requests
  await stop(target)
  const [file] = readdirSync(folder)
  const parts = stageTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')), long)
  return Object.fromEntries(Object.entries(parts).map(([stage, part]) => [stage, part * each]))
}
