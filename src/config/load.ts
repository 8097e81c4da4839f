import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, type ConfigFault } from '../errors.js'
import { compose } from './compose.js'
import type { MicroConfig } from './config.generated.js'
import { type ConfigLayers, configLayers } from './config-layers.js'
import { findSource } from './files/find.js'
import { readSource } from './files/read-file.js'
import type { Source, SourceContext } from './files/source.js'
import type { Environment } from './interpolate.js'
import type { Origin } from './layer.js'
import { overlay } from './overlay.js'
import type { Path } from './path.js'
import { pluginConfigFaults, pluginsIn } from './plugin-config.js'
import { chosenProfile, type ProfileChoice } from './profile.js'
import type { Settings } from './settings.js'

export interface LoadOptions {
  /** Where a file is looked for, upwards, and what paths are relative to. */
  readonly cwd: string
  /** Else the flag `config`, else `MICRO_CONFIG`. */
  readonly configPath?: string
  /** Else the flag `profile`, else `MICRO_PROFILE`, else `NODE_ENV` where such a profile exists. */
  readonly profile?: string
  readonly env: Environment
  /** By canonical name, as `parseArguments` gives them. */
  readonly flags: ReadonlyMap<string, string | boolean>
  /** Faults found before, to be reported together with those found here. */
  readonly faults?: readonly ConfigFault[]
  /** It was loaded before, and may have changed. */
  readonly isReload?: boolean
  /** Hears of each file that the configuration depends on, also where it has faults. */
  readonly onRead?: (file: string) => void
  /** The module that a file's `import … from 'micro-sidecar'` gets; by default the one that lies beside this code. */
  readonly sdk?: unknown
}

export interface LoadedConfig {
  readonly settings: Settings
  /** What is in force: file, profile, environment and flags merged over the defaults. */
  readonly config: MicroConfig
  readonly file: string | undefined
  readonly profile: string | undefined
}

/** Finds, reads, merges and checks. Throws a ConfigError with every fault, and nothing else. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { env, cwd, flags } = options
  const choice = profileChoice(options)
  const file = await sourceOf(options, choice).catch(faultsOf)
  const source = 'source' in file ? file.source : undefined
  const { layers, faults, profile } = fileLayers(file, choice, options)
  const ofPlugins = await pluginConfigFaults(pluginsIn(source?.value, profile), originIn(cwd, source, ['plugins']))
  const over = await overlay(env, flags, options.onRead)
  const before = [...(options.faults ?? []), ...faults, ...ofPlugins, ...over.faults]
  const isPartial = 'faults' in file
  const { config, settings } = compose([...layers, ...over.layers], { faults: before, profile, isPartial })
  return { settings, config, file: source?.file, profile }
}

type ReadFile = { readonly source: Source | undefined } | { readonly faults: readonly ConfigFault[] }

async function sourceOf(options: LoadOptions, choice: ProfileChoice | undefined): Promise<ReadFile> {
  const { cwd, env } = options
  const path = options.configPath ?? textFlag(options, 'config') ?? (env.MICRO_CONFIG || undefined)
  const context: SourceContext = {
    call: { profile: choice?.name ?? (env.NODE_ENV || undefined), env: Object.freeze({ ...env }) },
    sdk: () => options.sdk ?? import(sdkLocation()),
    isFresh: options.isReload === true,
    onRead: (file) => options.onRead?.(file),
    label: (file) => labelIn(cwd, file),
  }
  return { source: path === undefined ? await findSource(cwd, context) : await readSource(path, cwd, context) }
}

/** The SDK lies beside this code in the bundle, and one folder up in the source. */
function sdkLocation(): string {
  return new URL(import.meta.url.endsWith('.ts') ? '../index.ts' : './index.js', import.meta.url).href
}

function faultsOf(error: unknown): ReadFile {
  if (error instanceof ConfigError) return { faults: error.faults }
  throw error
}

function fileLayers(file: ReadFile, choice: ProfileChoice | undefined, { env, cwd }: LoadOptions): ConfigLayers {
  if ('faults' in file) return { layers: [], faults: file.faults, profile: undefined }
  const { source } = file
  return configLayers(source?.value ?? {}, { choice, env, locate: (path) => originIn(cwd, source, path) })
}

function originIn(cwd: string, source: Source | undefined, path: Path): Origin {
  return source === undefined ? { source: 'config' } : { source: labelIn(cwd, source.file), ...source.locate(path) }
}

function profileChoice(options: LoadOptions): ProfileChoice | undefined {
  const name = options.profile ?? textFlag(options, 'profile')
  return chosenProfile(name === undefined ? undefined : { name, origin: { source: 'flag --profile' } }, options.env)
}

function textFlag({ flags }: LoadOptions, name: string): string | undefined {
  const value = flags.get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Relative to where the command was typed, unless the file lies outside. */
function labelIn(cwd: string, file: string): string {
  const path = file.startsWith('file:') ? fileURLToPath(file) : resolve(cwd, file)
  const inside = relative(cwd, path)
  return inside === '' || inside.startsWith('..') ? path : inside
}
