import type { MicroConfig } from './config.generated.js'

/** What a configuration file's function is called with. */
export interface ConfigContext {
  /** The profile that was asked for: `--profile`, `MICRO_PROFILE`, else `NODE_ENV`. */
  readonly profile: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ConfigFunction = (context: ConfigContext) => MicroConfig | Promise<MicroConfig>

/** Holds values of the user's own, so that the compiler's ordinary rules are all that can be said. */
type Slots = 'registry' | 'broker' | 'balancer' | 'middleware' | 'plugins'

/** `T` with `never` at each key that `Shape` does not know: what a function returns is not checked for those otherwise. */
type Known<T, Shape> = T extends readonly unknown[]
  ? T
  : T extends object
    ? {
        [K in keyof T]: K extends Slots ? T[K] : K extends keyof Shape ? Known<T[K], Extract<Shape[K], object>> : never
      }
    : T

type Checked<T> = T extends Known<T, MicroConfig> ? unknown : (context: ConfigContext) => Known<T, MicroConfig>

/** Gives back what it is given: lets editors and the compiler check a configuration. */
export function defineConfig<const T extends MicroConfig>(
  config: ((context: ConfigContext) => T | Promise<T>) & Checked<T>,
): ConfigFunction
export function defineConfig(config: Promise<ConfigFunction>): Promise<ConfigFunction>
export function defineConfig(config: Promise<MicroConfig>): Promise<MicroConfig>
export function defineConfig(config: MicroConfig): MicroConfig
export function defineConfig(config: unknown): unknown {
  return config
}
