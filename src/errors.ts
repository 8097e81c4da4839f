import { STATUS_CODES } from 'node:http'

/** The value of the `micro-error` header: why the sidecar itself made this answer. */
export type ErrorReason =
  | 'no_route'
  | 'unknown_service'
  | 'no_node'
  | 'connect'
  | 'reset'
  | 'timeout'
  | 'breaker_open'
  | 'overload'
  | 'bad_request'
  | 'too_large'
  | 'unauthorized'
  | 'forbidden'
  | 'protocol'
  | 'draining'
  | 'internal'

/** go-micro's error form, keys in its order. */
export interface ErrorForm {
  readonly id: string
  readonly code: number
  readonly detail: string
  readonly status: string
}

export interface MicroErrorOptions {
  /** Set only on errors that the sidecar makes; an error that a service sent has none. */
  readonly reason?: ErrorReason
  readonly cause?: unknown
  /** The words of the service that sent the error; else, and when empty, the standard text of `code`. */
  readonly status?: string
  /** Seconds, for the `Retry-After` header. */
  readonly retryAfter?: number
  /** The call came to no node: to send it again does no harm, whatever it is. */
  readonly retryable?: boolean
}

/** The one error that callers see: go-micro's `{id, code, detail, status}`. `code` is an HTTP status. */
export class MicroError extends Error {
  override readonly name = 'MicroError'
  readonly id: string
  readonly code: number
  readonly detail: string
  readonly status: string
  readonly reason: ErrorReason | undefined
  readonly retryAfter: number | undefined
  readonly retryable: boolean

  constructor(id: string, code: number, detail: string, options: MicroErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.id = id
    this.code = code
    this.detail = detail
    this.status = options.status || (STATUS_CODES[code] ?? '')
    this.reason = options.reason
    this.retryAfter = options.retryAfter
    this.retryable = options.retryable === true
  }

  toJSON(): ErrorForm {
    return { id: this.id, code: this.code, detail: this.detail, status: this.status }
  }
}

/** A 500 that names the user's own code that threw. A MicroError is what its author wants the caller to see. */
export function pluginFailed(who: string, error: unknown): MicroError {
  if (error instanceof MicroError) return error
  return new MicroError('go.micro.sidecar', 500, `${who} failed: ${wordsOf(error)}`, {
    reason: 'internal',
    cause: error,
  })
}

/** What was thrown, in words. Anything can be thrown, and not all of it becomes a string. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'it threw what cannot be shown'
  }
}

/** One fault in a configuration, ready to be printed. */
export interface ConfigFault {
  /** A file's path, `environment MICRO_…`, `flag --…` or `config` (an object given to the SDK). */
  readonly source: string
  /** From 1; absent where the source has no lines. */
  readonly line?: number
  readonly column?: number
  /** `client.retries`; empty for the whole. */
  readonly path: string
  /** A sentence: what was found, what is allowed, the nearest known key. */
  readonly message: string
}

/** Every fault of a configuration at once. The command ends with exit code 2 on it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(formatFault).join('\n'))
    this.faults = faults
  }
}

function formatFault(fault: ConfigFault): string {
  const position = fault.line === undefined ? '' : `:${fault.line}:${fault.column ?? 1}`
  const path = fault.path === '' ? '' : `${fault.path}: `
  return `${fault.source}${position}  ${path}${fault.message}`
}
