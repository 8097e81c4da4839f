import { switchState } from '../config/arguments.js'
import type { Settings } from '../config/settings.js'
import { ConfigError, type ConfigFault } from '../errors.js'
import { ReloadableLog } from '../telemetry/reloadable-log.js'
import { createLog } from '../telemetry/stream-log.js'
import { announce } from './announcement.js'
import { ConfigFollower } from './config-follower.js'
import { failureLine } from './failure.js'
import { untilEnd } from './lifetime.js'

/** Loads the configuration, starts the sidecar and stays until it is told to stop. The exit code. */
export async function start(
  flags: ReadonlyMap<string, string | boolean>,
  faults: readonly ConfigFault[],
  changed: (settings: Settings) => Settings = (settings) => settings,
): Promise<number> {
  const { env } = process
  const follower = new ConfigFollower({ cwd: process.cwd(), env, flags, faults }, changed)
  const loaded = await follower.load()
  const { settings } = loaded
  const log = new ReloadableLog(settings, (now, secrets) => createLog({ ...now.log, stream: process.stdout, secrets }))
  try {
    const { createSidecarFromSettings } = await import('../sidecar.js')
    const sidecar = await createSidecarFromSettings(settings, log)
    const started = () => {
      follower.follow({ sidecar, log, watch: isOn(flags.get('watch') ?? env.MICRO_WATCH) })
      return announce(sidecar, loaded, log)
    }
    return await untilEnd(sidecar, { log, started, reload: () => follower.reload() })
  } catch (error) {
    // What only the part itself can check is a fault of the configuration all the same.
    if (error instanceof ConfigError) throw error
    process.stderr.write(failureLine(error, settings.address))
    return 1
  } finally {
    log.flush()
  }
}

/** What is neither has been told as a fault. */
function isOn(watch: string | boolean | undefined): boolean {
  return watch !== false && (typeof watch !== 'string' || switchState(watch) !== false)
}
