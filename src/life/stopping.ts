import { setTimeout as wait } from 'node:timers/promises'
import type { Application } from '../app/application.js'
import type { Settings } from '../config/settings.js'
import type { CallerServer } from '../http/caller-server.js'
import type { InFlight } from '../http/in-flight.js'
import { within } from '../within.js'
import type { Generations } from './generations.js'

export interface StoppingOptions {
  readonly drain: Settings['drain']
  /** What an application that is the sidecar's child is asked to end with. */
  readonly signal: NodeJS.Signals
  readonly application: Application | undefined
  readonly generations: Generations
  /** `undefined` where the sidecar did not come to listen. */
  readonly server: CallerServer | undefined
  readonly inFlight: InFlight
  /** Ends the calls of the program that the sidecar is embedded in. */
  cut(): void
  /** A start or a reload that has to be let through, or given up. */
  readonly underWay: Promise<unknown>
}

export interface Stopped {
  /** Calls. */
  readonly cut: number
  /** Nothing took longer than it may. */
  readonly clean: boolean
}

/** Milliseconds that the registry has to let the application go. */
const leaveLimit = 3000
/** And connections to close, once nothing is in flight: a WebSocket that was told to has a second. */
const closeLimit = 1500
/** Of what is left, for what has to leave some of it to others. */
const most = 0.9

/**
 * Not ready; the application out of the registry; lame duck; the application ends, and still calls others meanwhile;
 * no more calls; what is in flight ends; then what the calls needed, plugins first. `drain.hard` is for all of it.
 */
export async function stop(options: StoppingOptions): Promise<Stopped> {
  const { drain, signal, application, generations, server, inFlight, underWay } = options
  const end = performance.now() + drain.hard
  const left = () => Math.max(0, end - performance.now())
  const through = within(left() / 2, underWay).catch(() => undefined)
  await application?.withdraw(Math.min(leaveLimit, drain.hard / 2))
  generations.traffic?.leave()
  if (server !== undefined && drain.lameDuck > 0) await wait(Math.min(drain.lameDuck, left()))
  await application?.finish(signal, left() * most)
  generations.traffic?.refuse()
  generations.closeUpgrades()
  server?.finish()
  await within(Math.min(drain.grace, left() * most), inFlight.idle()).catch(() => undefined)
  const cut = inFlight.count
  options.cut()
  await server?.close(Math.min(closeLimit, left() * most))
  await through
  const clean = await generations.endAll(left())
  return { cut, clean }
}
