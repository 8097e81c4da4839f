import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../config/settings.js'
import type { Log } from '../telemetry/log.js'

/** Keys that are read once, at the start. */
const keys = ['address', 'app'] as const

/** The new settings, but for what only a start can bring into force: that stays as it is. */
export function withoutRestart(next: Settings, now: Settings): Settings {
  return { ...next, address: now.address, app: now.app }
}

/** Says what has to wait for the next start. */
export function tellOfRestart(next: Settings, now: Settings, log: Log): void {
  for (const key of keys) {
    const [wanted, inForce] = [next[key], now[key]]
    if (!isDeepStrictEqual(wanted, inForce)) log.warn(`a change of ${key} needs a restart`, { key, inForce, wanted })
  }
}
