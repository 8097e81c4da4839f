import type { MicroConfig } from '../config/config.generated.js'
import { pluginConfigFaults } from '../config/plugin-config.js'
import { resolveConfig } from '../config/resolve.js'
import type { Settings } from '../config/settings.js'
import { ConfigError } from '../errors.js'

/** Of a configuration that a program holds, checked whole: rejects with ConfigError. */
export async function embeddedSettings(config: MicroConfig): Promise<Settings> {
  const settings = resolveConfig(config)
  const faults = await pluginConfigFaults(settings.plugins, { source: 'config' })
  if (faults.length > 0) throw new ConfigError(faults)
  // An embedded sidecar speaks on its host's terminal only when asked to.
  return config.log === undefined ? { ...settings, log: { ...settings.log, level: 'warn' } } : settings
}
