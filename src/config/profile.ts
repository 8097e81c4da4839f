import { type Data, isData, own } from './data.js'
import type { Environment } from './interpolate.js'
import type { Origin } from './layer.js'
import { nearest } from './nearest.js'
import { quoted } from './shown.js'

/** A profile that was asked for by name. */
export interface ProfileChoice {
  readonly name: string
  readonly origin: Origin
}

/** By flag or option, else by `MICRO_PROFILE`. */
export function chosenProfile(asked: ProfileChoice | undefined, env: Environment): ProfileChoice | undefined {
  if (asked !== undefined) return asked
  const name = env.MICRO_PROFILE
  return name === undefined || name === '' ? undefined : { name, origin: { source: 'environment MICRO_PROFILE' } }
}

/** The profile in force: the chosen one, else the one that `NODE_ENV` names, where there is such a one. */
export function profileInForce(
  config: unknown,
  choice: ProfileChoice | undefined,
  env: Environment,
): string | undefined {
  const name = choice?.name ?? env.NODE_ENV
  return name !== undefined && profileNames(config).includes(name) ? name : undefined
}

/** Why the chosen profile cannot be used. */
export function profileFault(config: unknown, choice: ProfileChoice): string | undefined {
  const names = profileNames(config)
  if (names.includes(choice.name)) return undefined
  const near = nearest(choice.name, names)
  const known = names.length === 0 ? 'there are no profiles' : `known profiles: ${names.map(quoted).join(', ')}`
  return `unknown profile ${quoted(choice.name)}${near === undefined ? '' : `, did you mean ${quoted(near)}`}; ${known}`
}

export function profileOf(config: Data, name: string): Data {
  const profile = own(own(config, 'profiles'), name)
  return isData(profile) ? profile : {}
}

function profileNames(config: unknown): readonly string[] {
  const profiles = own(config, 'profiles')
  return isData(profiles) ? Object.keys(profiles) : []
}
