import { ConfigError, type ConfigFault } from '../errors.js'
import { assemble } from './assemble.js'
import type { MicroConfig } from './config.generated.js'
import { type Data, merge, valueAt, without } from './data.js'
import { withDefaults } from './defaults.js'
import { faultAt, type Layer, type Origin } from './layer.js'
import { type Path, startsWith } from './path.js'
import { profileOf } from './profile.js'
import { brokenRules } from './rules.js'
import { faultyPaths, schemaFault } from './schema-faults.js'
import type { Settings } from './settings.js'
import validate from './validator.generated.js'

export interface Composed {
  readonly config: MicroConfig
  readonly settings: Settings
}

export interface ComposeOptions {
  /** What was found before: reported together with what is found here. */
  readonly faults: readonly ConfigFault[]
  readonly profile: string | undefined
  /** A part is missing altogether, so that the values together cannot be judged. */
  readonly isPartial: boolean
}

/** Lays the layers over one another, the later over the earlier. Throws all faults of all of them at once. */
export function compose(layers: readonly Layer[], { profile, ...options }: ComposeOptions): Composed {
  const checked = layers.map((each) => check(each))
  const faults = [...options.faults, ...checked.flatMap((each) => each.faults)]
  const parts = checked.flatMap((each) => partsOf(each.sound, each.layer, profile))
  const config = withDefaults(parts.reduce<Data>((base, { data }) => merge(base, data), {}))
  if (!validate(config)) throw new ConfigError(ordered([...faults, ...wholeFaults(config, parts)]))
  const settings = assemble(config)
  const wrong = checked.flatMap((each) => each.wrong).map((path) => withoutProfile(path, profile))
  if (!options.isPartial) faults.push(...ruleFaults({ settings, config }, parts, wrong))
  if (faults.length > 0) throw new ConfigError(ordered(faults))
  return { config, settings }
}

/** What may be laid over other parts: without profiles, and with nothing in it that has a fault. */
type Part = Pick<Layer, 'data' | 'locate'>

function check(layer: Layer) {
  const paths = faultyPaths(layer)
  const wrong = [...layer.spoiled, ...paths]
  const faults = [...layer.faults, ...paths.map((path) => schemaFault(layer, path))]
  return { layer, wrong, faults, sound: wrong.reduce<Data>(without, layer.data) }
}

function partsOf(data: Data, { locate }: Layer, profile: string | undefined): Part[] {
  const base = { data: without(without(data, ['profiles']), ['$schema']), locate }
  if (profile === undefined) return [base]
  return [base, { data: profileOf(data, profile), locate: (path) => locate(['profiles', profile, ...path]) }]
}

function withoutProfile(path: Path, profile: string | undefined): Path {
  return profile !== undefined && startsWith(path, ['profiles', profile]) ? path.slice(2) : path
}

function wholeFaults(config: Data, parts: readonly Part[]): readonly ConfigFault[] {
  const locate = (path: Path) => originOf(path, parts)
  return check({ data: config, locate, faults: [], spoiled: [], isHidden: () => true }).faults
}

function ruleFaults({ settings, config }: Composed, parts: readonly Part[], wrong: readonly Path[]): ConfigFault[] {
  const meets = (path: Path, read: Path) => startsWith(path, read) || startsWith(read, path)
  return brokenRules(settings, config)
    .filter(({ reads }) => !wrong.some((path) => reads.some((read) => meets(path, read))))
    .map(({ path, message }) => faultAt(originOf(path, parts), path, message))
}

/** Where the value in force was written; for a value that nobody wrote, where the nearest object above it was. */
function originOf(path: Path, parts: readonly Part[]): Origin {
  for (let length = path.length; length > 0; length--) {
    const start = path.slice(0, length)
    const writer = parts.findLast(({ data }) => valueAt(data, start) !== undefined)
    if (writer !== undefined) return writer.locate(path)
  }
  return parts[0]?.locate(path) ?? { source: 'config' }
}

/** Source by source as they came, each from its top down. */
function ordered(faults: readonly ConfigFault[]): ConfigFault[] {
  const sources = [...new Set(faults.map((fault) => fault.source))]
  const order = (fault: ConfigFault) => [sources.indexOf(fault.source), fault.line ?? 0, fault.column ?? 0]
  return [...faults].sort((left, right) => {
    const [mine, theirs] = [order(left), order(right)]
    return mine.map((place, index) => place - (theirs[index] ?? 0)).find((difference) => difference !== 0) ?? 0
  })
}
