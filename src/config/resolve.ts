import { compose } from './compose.js'
import type { MicroConfig } from './config.generated.js'
import { configLayers } from './config-layers.js'
import type { Environment } from './interpolate.js'
import { chosenProfile } from './profile.js'
import type { Settings } from './settings.js'

export interface ResolveOptions {
  /** Else `MICRO_PROFILE`, else `NODE_ENV` where such a profile exists. */
  readonly profile?: string
  /** For `${NAME}` and the choice of the profile; the process's own by default. Lays no values over the configuration. */
  readonly env?: Environment
}

/** The settings of a configuration that a program holds. Throws a ConfigError with every fault. */
export function resolveConfig(config: MicroConfig, options: ResolveOptions = {}): Settings {
  const { profile, env = process.env } = options
  const origin = { source: 'config' }
  const choice = chosenProfile(profile === undefined ? undefined : { name: profile, origin }, env)
  const { layers, faults, profile: inForce } = configLayers(config, { choice, env, locate: () => origin })
  return compose(layers, { faults, profile: inForce, isPartial: false }).settings
}
