import type { Settings } from '../config/settings.js'
import type { Log, LogFields } from './log.js'

/** Tokens that were in force before may still be in somebody's request. */
const mostSecrets = 8

/** Writes as the settings in force say. */
export class ReloadableLog implements Log {
  readonly #make: (settings: Settings, secrets: readonly string[]) => Log
  #log: Log
  #settings: Settings
  #secrets: readonly string[] = []

  constructor(settings: Settings, make: (settings: Settings, secrets: readonly string[]) => Log) {
    this.#make = make
    this.#settings = settings
    this.#log = this.#made(settings)
  }

  follow(settings: Settings): void {
    const { level, format } = this.#settings.log
    const isSame = settings.log.level === level && settings.log.format === format
    if (isSame && settings.auth.token === this.#settings.auth.token) return
    this.#log.flush()
    this.#settings = settings
    this.#log = this.#made(settings)
  }

  debug(msg: string, fields?: LogFields): void {
    this.#log.debug(msg, fields)
  }

  info(msg: string, fields?: LogFields): void {
    this.#log.info(msg, fields)
  }

  warn(msg: string, fields?: LogFields): void {
    this.#log.warn(msg, fields)
  }

  error(msg: string, fields?: LogFields): void {
    this.#log.error(msg, fields)
  }

  access(fields: LogFields): void {
    this.#log.access(fields)
  }

  flush(): void {
    this.#log.flush()
  }

  #made(settings: Settings): Log {
    const { token } = settings.auth
    if (token !== undefined) this.#secrets = [token, ...this.#secrets].slice(0, mostSecrets)
    return this.#make(settings, this.#secrets)
  }
}
