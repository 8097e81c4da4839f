import { loadConfig } from '../config/load.js'
import type { Settings } from '../config/settings.js'
import { ConfigError, type ConfigFault } from '../errors.js'
import { ReloadableLog } from '../telemetry/reloadable-log.js'
import { createLog } from '../telemetry/stream-log.js'
import { announce } from './announcement.js'
import { failureLine } from './failure.js'
import { untilEnd } from './lifetime.js'

/** Loads the configuration, starts the sidecar and stays until it is told to stop. The exit code. */
export async function start(
  flags: ReadonlyMap<string, string | boolean>,
  faults: readonly ConfigFault[],
  changed: (settings: Settings) => Settings = (settings) => settings,
): Promise<number> {
  const loaded = await loadConfig({ cwd: process.cwd(), env: process.env, flags, faults })
  const settings = changed(loaded.settings)
  const log = new ReloadableLog(settings, (now, secrets) => createLog({ ...now.log, stream: process.stdout, secrets }))
  try {
    const { createSidecarFromSettings } = await import('../sidecar.js')
    const sidecar = await createSidecarFromSettings(settings, log)
    return await untilEnd(sidecar, log, () => announce(sidecar, loaded, log))
  } catch (error) {
    // What only the part itself can check is a fault of the configuration all the same.
    if (error instanceof ConfigError) throw error
    process.stderr.write(failureLine(error, settings.address))
    return 1
  } finally {
    log.flush()
  }
}
