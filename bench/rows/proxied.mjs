import { stop } from '../machine/processes.mjs'
import { startPeers } from '../peers/peers.mjs'
import { startBackend } from '../peers/program.mjs'
import { Rounds } from '../rounds.mjs'
import { mapValues, medians, sum } from '../statistics.mjs'

/**
 * Starts the peers before one backend and samples them in rounds. `take` is that of `Rounds`, and its sample has
 * `count`, what the CPU time is divided by; `keys` are the figures that medians are made of.
 */
export async function proxied(bench, { peers, everyPeer, sidecar = {}, take, keys }) {
  const { options } = bench
  const backend = await startBackend()
  const names = bench.peersOf(peers, everyPeer)
  const targets = await startPeers(names, backend, { accessLog: options.accessLog, ...sidecar })
  const rounds = new Rounds(targets, take, { ...options, helpers: [backend.pid], decides: costOf })
  const samples = await rounds.run()
  await Promise.all([backend, ...Object.values(targets)].map(stop))
  return { targets: mapValues(samples, (list) => figures(list, keys)), notes: rounds.notes }
}

export function figures(samples, keys) {
  const costs = samples.map((sample) => ({ ...sample, cpu: costOf(sample) }))
  return { ...medians(costs, ['cpu', 'memory', ...keys]), errors: sum(samples.map(({ errors }) => errors)) }
}

/** CPU microseconds of all threads for each of what was counted. */
export function costOf({ used, count }) {
  return used === undefined ? undefined : used / count
}
