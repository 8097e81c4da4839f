import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../config/settings.js'
import type { Log } from '../telemetry/log.js'

/** The new settings, but for what only a start can bring into force: that stays as it is. */
export function withoutRestart(next: Settings, now: Settings): Settings {
  return { ...next, address: now.address, app: { ...next.app, command: now.app.command } }
}

/** Says what has to wait for the next start. */
export function tellOfRestart(next: Settings, now: Settings, log: Log): void {
  const tell = (key: string, wanted: unknown, inForce: unknown) => {
    if (!isDeepStrictEqual(wanted, inForce)) log.warn(`a change of ${key} needs a restart`, { key, inForce, wanted })
  }
  tell('address', next.address, now.address)
  tell('app.command', next.app.command, now.app.command)
}
