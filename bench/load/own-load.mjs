// Loads of the bench's own, for what neither wrk nor autocannon offers.
import { loadCore } from '../machine/cores.mjs'
import { run } from '../machine/processes.mjs'
import { programPath } from '../peers/program.mjs'

/** Requests at a fixed rate, whatever the answers take: `{ requests, errors, p50, p99, late }`, in milliseconds. */
export const openLoop = (port, { path, rate, seconds, connections }) =>
  runLoad('open-loop', [port, path, rate, seconds, connections])

/** `{ roundTrips, perSecond, errors }` */
export const webSockets = (port, { path, seconds, connections }) =>
  runLoad('websocket-load', [port, path, seconds, connections])

async function runLoad(program, args) {
  const argv = [programPath(program), ...args.map(String)]
  return JSON.parse(await run({ core: loadCore, command: process.execPath, args: argv }))
}
