import { ConfigError, wordsOf } from '../errors.js'
import type { Log } from '../telemetry/log.js'
import { faultLine, faultReport } from './fault-report.js'
import { palette, printable } from './terminal.js'

const STAYS = 'what was in force before stays'

/** Says on standard error what a start would, and in the log for who reads only that; nothing where that is `said` already. */
export function reportFailedReload(error: unknown, log: Log, said: string): string {
  const isConfig = error instanceof ConfigError
  const words = isConfig
    ? faultReport(error.faults, palette(process.stderr), `: ${STAYS}`)
    : `micro-sidecar: the reload failed, ${STAYS}: ${printable(wordsOf(error))}\n`
  if (words === said) return said
  const why = isConfig ? { faults: error.faults.map(faultLine).join('; ') } : { error }
  log.error(`the configuration is not reloaded: ${STAYS}`, why)
  process.stderr.write(words)
  return words
}
