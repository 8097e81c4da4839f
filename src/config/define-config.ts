import type { MicroConfig } from './config.generated.js'

/** What a configuration file's function is called with. */
export interface ConfigContext {
  /** The profile that was asked for: `--profile`, `MICRO_PROFILE`, else `NODE_ENV`. */
  readonly profile: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ConfigFunction = (context: ConfigContext) => MicroConfig | Promise<MicroConfig>

/** Gives back what it is given: lets editors and the compiler check a configuration. */
export function defineConfig(config: ConfigFunction): ConfigFunction
export function defineConfig(config: Promise<MicroConfig>): Promise<MicroConfig>
export function defineConfig(config: MicroConfig): MicroConfig
export function defineConfig(config: MicroConfig | Promise<MicroConfig> | ConfigFunction): unknown {
  return config
}
