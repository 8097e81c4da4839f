import { setTimeout as pause } from 'node:timers/promises'
import { isatty } from 'node:tty'
import type { Application } from '../app/application.js'
import { wordsOf } from '../errors.js'
import type { RunningSidecar } from '../running-sidecar.js'
import type { Log } from '../telemetry/log.js'
import { printable } from './terminal.js'

export interface Lifetime {
  readonly log: Log
  /** Called when it listens. */
  started(): Promise<void>
  /** Called at a SIGHUP. */
  reload(): void
}

/** Starts the sidecar and resolves with the exit code once a signal, a bug or the end of its application has ended it. */
export async function untilEnd(sidecar: RunningSidecar, lifetime: Lifetime): Promise<number> {
  const { application } = sidecar
  const ends = application?.ended.then(() => ({ code: 0, signal: undefined }))
  const end = Promise.race([ending(sidecar, lifetime), ...(ends === undefined ? [] : [ends])])
  // Before the application, which is started next, may write a line of its own.
  const announced = new Promise<void>((resolve) => sidecar.on('listening', () => resolve(lifetime.started())))
  const starting = sidecar.start()
  await Promise.race([starting.then(() => announced), end])
  starting.catch(() => {})
  const how = await end
  const complaints = [await stopped(sidecar, how.signal), application?.end?.complaint]
  for (const complaint of complaints) {
    if (complaint !== undefined) process.stderr.write(`micro-sidecar: ${printable(complaint)}\n`)
  }
  return how.code || application?.end?.code || (complaints.some((complaint) => complaint !== undefined) ? 1 : 0)
}

/** What was not clean about the stop. */
async function stopped(sidecar: RunningSidecar, signal: NodeJS.Signals | undefined): Promise<string | undefined> {
  const { hard } = sidecar.config.drain
  const cut = await Promise.race([sidecar.stop(signal), pause(hard + leeway)])
  if (cut === undefined || !sidecar.hasStoppedWhole) {
    sidecar.application?.kill()
    return `the stop took longer than drain.hard (${hard} ms) and was cut short`
  }
  return cut === 0 ? undefined : `${cut} ${cut === 1 ? 'call was' : 'calls were'} cut at the end of the drain`
}

/** Milliseconds for a stop that keeps to its limit to say so itself. */
const leeway = 500

/** Bugs that are told of: one that comes with every tick shall not fill a disk while the calls end. */
const mostBugs = 10

interface Ending {
  code: number
  signal: NodeJS.Signals | undefined
}

/** Resolves at the first signal with 0, and with 1 at an error that nobody caught. A second signal ends it at once. */
function ending(sidecar: RunningSidecar, { log, reload }: Lifetime): Promise<Ending> {
  const { application } = sidecar
  const how: Ending = { code: 0, signal: undefined }
  if (application?.isChild) handOn(application)
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals) => {
      if (how.signal !== undefined) {
        application?.kill()
        process.exit(1)
      }
      log.info('stopping', { signal })
      how.signal = signal
      resolve(how)
    }
    process.on('SIGTERM', end)
    process.on('SIGINT', end)
    const isTerminal = process.stdin.isTTY
    process.on('SIGHUP', (signal) => {
      // Not asked to look at its configuration: the terminal that it belongs to was closed.
      if (isTerminal && !isatty(0)) end(signal)
      else reload()
    })
    let bugs = 0
    process.on('uncaughtException', (error, origin) => {
      how.code = 1
      if (++bugs <= mostBugs) tellOfBug(error, origin, log)
      resolve(how)
    })
  })
}

function tellOfBug(error: unknown, origin: NodeJS.UncaughtExceptionOrigin, log: Log): void {
  const what = origin === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception'
  const words = error instanceof Error ? `${error.name}: ${wordsOf(error)}` : wordsOf(error)
  log.error(what, { error, stack: error instanceof Error ? error.stack : undefined })
  log.flush()
  process.stderr.write(`micro-sidecar: ${what}: ${printable(words)}\n`)
}

/** What is meant for the application; the sidecar itself goes on, and ends when the application does. */
function handOn(application: Application): void {
  for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => application.signal(signal))
  }
}
