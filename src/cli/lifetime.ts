import { setTimeout as pause } from 'node:timers/promises'
import { isatty } from 'node:tty'
import type { Application } from '../app/application.js'
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
  const { code, signal } = await end
  // A start that is still under way is let through, so that what it opened is closed.
  await starting.catch(() => {})
  const complaints = [await stopped(sidecar, signal), application?.end?.complaint]
  for (const complaint of complaints) {
    if (complaint !== undefined) process.stderr.write(`micro-sidecar: ${printable(complaint)}\n`)
  }
  return code || application?.end?.code || (complaints.some((complaint) => complaint !== undefined) ? 1 : 0)
}

/** What was not clean about the stop. */
async function stopped(sidecar: RunningSidecar, signal: NodeJS.Signals | undefined): Promise<string | undefined> {
  const { hard } = sidecar.config.drain
  const cut = await Promise.race([sidecar.stop(signal), pause(hard)])
  if (cut === undefined) {
    sidecar.application?.kill()
    return `the stop took longer than drain.hard (${hard} ms) and was cut short`
  }
  return cut === 0 ? undefined : `${cut} ${cut === 1 ? 'call was' : 'calls were'} cut at the end of the drain`
}

interface Ending {
  readonly code: number
  readonly signal: NodeJS.Signals | undefined
}

/** Resolves with 0 at the first signal and with 1 at an error that nobody caught. The second of either ends at once. */
function ending(sidecar: RunningSidecar, { log, reload }: Lifetime): Promise<Ending> {
  const { application } = sidecar
  if (application?.isChild) handOn(application)
  return new Promise((resolve) => {
    let ended = false
    const end = (code: number, signal?: NodeJS.Signals) => {
      if (ended) {
        application?.kill()
        process.exit(1)
      }
      ended = true
      resolve({ code, signal })
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        log.info('stopping', { signal })
        end(0, signal)
      })
    }
    const isTerminal = process.stdin.isTTY
    process.on('SIGHUP', () => {
      // Not asked to look at its configuration: the terminal that it belongs to was closed.
      if (isTerminal && !isatty(0)) end(0, 'SIGHUP')
      else reload()
    })
    process.on('uncaughtException', (error, origin) => {
      const what = origin === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception'
      log.error(what, { error, stack: error instanceof Error ? error.stack : undefined })
      log.flush()
      process.stderr.write(`micro-sidecar: ${what}: ${printable(String(error))}\n`)
      end(1)
    })
  })
}

/** What is meant for the application; the sidecar itself goes on, and ends when the application does. */
function handOn(application: Application): void {
  for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => application.signal(signal))
  }
}
