import type { Mask } from './log-secrets.js'
import { accessPath, loggable, writable } from './log-values.js'
import type { LogLines } from './stream-log.js'

/** One JSON object a line; `time`, `level` and `msg` first. */
export function jsonLines(mask: Mask): LogLines {
  return {
    record(level, msg, fields) {
      let line = `{"time":"${timestamp()}","level":"${level}","msg":${quote(mask.text(msg))}`
      for (const key in fields) {
        const value = fields[key]
        if (value !== undefined && !OWN_KEYS.has(key)) line += `,${quote(key)}:${json(loggable(key, value, mask))}`
      }
      return `${line}}\n`
    },
    // Written out, for speed: a line costs about a microsecond.
    access(fields) {
      return (
        `{"time":"${timestamp()}","level":"info","msg":"request","method":${value(fields.method, mask)}` +
        `,"path":${value(accessPath(fields.path), mask)},"service":${value(fields.service, mask)}` +
        `,"node":${value(fields.node, mask)},"status":${value(fields.status, mask)}` +
        `,"error":${value(fields.error, mask)},"duration":${value(fields.duration, mask)}` +
        `,"attempts":${value(fields.attempts, mask)},"requestId":${value(fields.requestId, mask)}` +
        `,"traceId":${value(fields.traceId, mask)}}\n`
      )
    },
  }
}

const OWN_KEYS: ReadonlySet<string> = new Set(['time', 'level', 'msg'])

let lastTime = 0
let lastStamp = ''

// A busy sidecar writes many lines a millisecond.
function timestamp(): string {
  const now = Date.now()
  if (now !== lastTime) {
    lastTime = now
    lastStamp = new Date(now).toISOString()
  }
  return lastStamp
}

function value(field: unknown, mask: Mask): string {
  return json(typeof field === 'number' ? field : writable(field, mask))
}

function json(value: string | number | boolean | null): string {
  if (typeof value === 'string') return quote(value)
  return typeof value === 'number' && !Number.isFinite(value) ? 'null' : String(value)
}

function quote(text: string): string {
  return UNCLEAN.test(text) ? JSON.stringify(text).replace(BREAKING, unicode) : `"${text}"`
}

// Lone surrogates are left to JSON.stringify, which writes them as escapes.
const UNCLEAN = /[^\x20\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\uffff]/
const BREAKING = /[\x7f-\x9f\u2028\u2029]/g

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
