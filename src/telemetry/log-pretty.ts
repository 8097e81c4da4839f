import type { Mask } from './log-secrets.js'
import { accessPath, loggable, writable } from './log-values.js'
import type { LogLines, Severity } from './stream-log.js'

/** Lines for people: the time of day, what happened, and the fields as `key=value`. */
export function prettyLines(mask: Mask, colors: boolean): LogLines {
  const paint = (code: number, text: string) => (colors ? `\x1b[${code}m${text}\x1b[0m` : text)
  const show = (value: unknown) => printable(String(writable(value, mask)))
  const pair = (key: string, value: unknown) =>
    ` ${paint(DIM, `${printable(key)}=`)}${quoted(printable(String(loggable(key, value, mask))))}`
  return {
    record(level, msg, fields = {}) {
      const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
      const text = printable(mask.text(msg)) + pairs.map(([key, value]) => pair(key, value)).join('')
      return `${paint(DIM, clock())} ${paint(SEVERITY_COLORS[level], level.padEnd(5))} ${text}\n`
    },
    access(fields) {
      const status = Number(fields.status)
      const head = `${show(fields.method)} ${show(accessPath(fields.path))}`
      const pairs = ACCESS_PAIRS.filter((key) => telling(key, fields[key]))
      return (
        `${paint(DIM, clock())} ${paint(statusColor(status), show(fields.status))} ${head} ` +
        `${show(fields.duration)}ms${pairs.map((key) => pair(key, fields[key])).join('')}\n`
      )
    },
  }
}

const DIM = 2
const SEVERITY_COLORS: Readonly<Record<Severity, number>> = { debug: 2, info: 36, warn: 33, error: 31 }
const ACCESS_PAIRS = ['service', 'node', 'error', 'attempts'] as const

function statusColor(status: number): number {
  if (status >= 500) return SEVERITY_COLORS.error
  return status >= 400 ? SEVERITY_COLORS.warn : 32
}

function telling(key: string, value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(key === 'attempts' && value === 1)
}

function clock(): string {
  const now = new Date()
  const two = (value: number) => String(value).padStart(2, '0')
  const seconds = `${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, '0')}`
  return `${two(now.getHours())}:${two(now.getMinutes())}:${seconds}`
}

function quoted(text: string): string {
  return text === '' || text.includes(' ') ? `"${text.replaceAll('"', '\\"')}"` : text
}

// What a caller sends must not move the terminal's cursor, turn its text around or begin a line.
function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
