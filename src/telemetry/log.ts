/** Where the sidecar's own lines go. `fields` are written beside `time`, `level` and `msg`. */
export interface Log {
  debug(msg: string, fields?: LogFields): void
  info(msg: string, fields?: LogFields): void
  warn(msg: string, fields?: LogFields): void
  error(msg: string, fields?: LogFields): void
  /** The access log: one line a request. `fields` in the order of `docs/`. */
  access(fields: LogFields): void
  /** Writes what is buffered; the last call of a run. */
  flush(): void
}

export type LogFields = Readonly<Record<string, unknown>>
