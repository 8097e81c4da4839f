import type { Writable } from 'node:stream'
import type { LogLevel } from '../config/settings.js'
import type { Log, LogFields } from './log.js'
import { LogBuffer } from './log-buffer.js'
import { jsonLines } from './log-json.js'
import { prettyLines } from './log-pretty.js'
import { masking } from './log-secrets.js'

export interface LogOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'pretty'
  readonly stream: Writable
  /** In the pretty format. Default: on a terminal, unless `NO_COLOR` is set. */
  readonly colors?: boolean
  /** Values that are never written, wherever they turn up. */
  readonly secrets?: readonly string[]
}

/** Turns records into lines; a line ends with a line feed and holds no other. */
export interface LogLines {
  record(level: Severity, msg: string, fields: LogFields | undefined): string
  access(fields: LogFields): string
}

export type Severity = Exclude<LogLevel, 'silent'>

/** A log that writes lines to a stream, in batches, and never waits for it. */
export function createLog(options: LogOptions): Log {
  const mask = masking(options.secrets ?? [])
  const lines =
    options.format === 'json' ? jsonLines(mask) : prettyLines(mask, options.colors ?? colorful(options.stream))
  const lost = (count: number) =>
    lines.record('warn', `${count} log lines were dropped: the reader was too slow`, undefined)
  const buffer = new LogBuffer(options.stream, lost)
  const recorder = (level: Severity) =>
    passes(options.level, level)
      ? (msg: string, fields?: LogFields) => buffer.push(lines.record(level, msg, fields))
      : () => {}
  return {
    debug: recorder('debug'),
    info: recorder('info'),
    warn: recorder('warn'),
    error: recorder('error'),
    access: passes(options.level, 'info') ? (fields) => buffer.push(lines.access(fields)) : () => {},
    flush: () => buffer.flush(),
  }
}

/** Whether a stream is a terminal whose owner wants colours. */
export function colorful(stream: object): boolean {
  return (
    'isTTY' in stream && stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb'
  )
}

const SEVERITIES: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

function passes(threshold: LogLevel, level: Severity): boolean {
  return SEVERITIES.indexOf(level) >= SEVERITIES.indexOf(threshold)
}
