import { setTimeout as pause } from 'node:timers/promises'
import type { Sidecar } from '../sidecar.js'
import type { Log } from '../telemetry/log.js'
import { printable } from './terminal.js'

/** Starts the sidecar and resolves with the exit code once a signal, or a bug, has ended it. */
export async function untilEnd(sidecar: Sidecar, log: Log, started: () => Promise<void>): Promise<number> {
  const end = ending(log)
  const starting = sidecar.start()
  await Promise.race([starting.then(started), end])
  const code = await end
  // A start that is still under way is let through, so that what it opened is closed.
  await starting.catch(() => {})
  const complaint = await stopped(sidecar)
  if (complaint === undefined) return code
  process.stderr.write(`micro-sidecar: ${complaint}\n`)
  return 1
}

/** What was not clean about the stop. */
async function stopped(sidecar: Sidecar): Promise<string | undefined> {
  const { hard } = sidecar.config.drain
  const cut = await Promise.race([sidecar.stop(), pause(hard)])
  if (cut === undefined) return `the stop took longer than drain.hard (${hard} ms) and was cut short`
  return cut === 0 ? undefined : `${cut} ${cut === 1 ? 'call was' : 'calls were'} cut at the end of the drain`
}

/** Resolves with 0 at the first signal and with 1 at an error that nobody caught. The second of either ends at once. */
function ending(log: Log): Promise<number> {
  return new Promise((resolve) => {
    let ended = false
    const end = (code: number) => {
      if (ended) process.exit(1)
      ended = true
      resolve(code)
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        log.info('stopping', { signal })
        end(0)
      })
    }
    process.on('uncaughtException', (error, origin) => {
      const what = origin === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception'
      log.error(what, { error, stack: error instanceof Error ? error.stack : undefined })
      log.flush()
      process.stderr.write(`micro-sidecar: ${what}: ${printable(String(error))}\n`)
      end(1)
    })
  })
}
