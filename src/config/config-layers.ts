import type { ConfigFault } from '../errors.js'
import { type Data, isData } from './data.js'
import type { Environment } from './interpolate.js'
import { faultAt, type Layer, type Locate, layer } from './layer.js'
import { type ProfileChoice, profileFault, profileInForce } from './profile.js'
import { shown } from './shown.js'

export interface ConfigLayers {
  readonly layers: readonly Layer[]
  readonly faults: readonly ConfigFault[]
  readonly profile: string | undefined
}

export interface ConfigLayersOptions {
  readonly choice: ProfileChoice | undefined
  readonly env: Environment
  readonly locate: Locate
}

/** A configuration as a layer. Profiles that are not used are checked like the rest, but for missing variables. */
export function configLayers(config: unknown, options: ConfigLayersOptions): ConfigLayers {
  try {
    return isData(config) ? layersOf(config, options) : refused(`found ${shown(config)}, allowed: an object`, options)
  } catch (error) {
    // Members may be accessors, and those may throw.
    return refused(`reading it threw ${shown(error instanceof Error ? error.message : error)}`, options)
  }
}

function layersOf(config: Data, { choice, env, locate }: ConfigLayersOptions): ConfigLayers {
  const profile = profileInForce(config, choice, env)
  const isUnused = ([first, name]: readonly string[]) => first === 'profiles' && name !== profile
  const wrongProfile = choice === undefined ? undefined : profileFault(config, choice)
  return {
    layers: [layer(config, { env, locate, isUnused })],
    faults: choice === undefined || wrongProfile === undefined ? [] : [faultAt(choice.origin, [], wrongProfile)],
    profile,
  }
}

function refused(message: string, { locate }: ConfigLayersOptions): ConfigLayers {
  return { layers: [], faults: [faultAt(locate([]), [], message)], profile: undefined }
}
