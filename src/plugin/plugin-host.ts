import type { Codec } from '../codec/codec.js'
import { ConfigError, wordsOf } from '../errors.js'
import type { Middleware } from '../middleware/middleware.js'
import type { Sidecar } from '../sidecar.js'
import { within } from '../within.js'
import type { Plugin } from './plugin.js'
import { made } from './slots.js'

/** Of one sidecar: those that run, and of those that stop the promise of it. */
export type RunningPlugins = Map<Plugin, Promise<void> | undefined>

/** The plugins of one configuration: what they add, and their start in order and stop in reverse. */
export class PluginHost {
  readonly plugins: readonly Plugin[]
  readonly #running: RunningPlugins

  /** A plugin that runs already, because the configuration before has the same object, just goes on. */
  constructor(plugins: readonly Plugin[], running: RunningPlugins = new Map()) {
    this.plugins = plugins
    this.#running = running
  }

  /** For the host of the configuration that comes next. */
  get running(): RunningPlugins {
    return this.#running
  }

  /** The plugins' middleware, before the configuration's own. */
  middleware(own: readonly Middleware[]): readonly Middleware[] {
    return [...this.plugins.flatMap((plugin) => plugin.middleware ?? []), ...own]
  }

  /** By plugin name, which is the node metadata `protocol` that a codec serves. */
  async codecs(): Promise<ReadonlyMap<string, Codec>> {
    const codecs = new Map<string, Codec>()
    for (const plugin of this.plugins) {
      if (plugin.codec === undefined) continue
      const codec = await made(plugin.codec, {})
      codecs.set(codec.name, codec)
    }
    return codecs
  }

  /** The one plugin that brings a transport; two of them are a fault. */
  get transportPlugin(): Plugin | undefined {
    const [first, second] = this.plugins.filter((plugin) => plugin.transport !== undefined)
    if (second === undefined) return first
    const message = `plugins ${first?.name} and ${second.name} both bring a transport; keep one of them`
    throw new ConfigError([{ source: 'config', path: 'plugins', message }])
  }

  /** Rejects behind the plugin at which it is no more wanted. */
  async start(sidecar: Sidecar, isWanted: () => boolean): Promise<void> {
    for (const plugin of this.plugins) {
      await this.#running.get(plugin)
      if (!isWanted()) throw new Error('the start was given up')
      if (this.#running.has(plugin)) continue
      this.#running.set(plugin, undefined)
      try {
        await plugin.start?.(sidecar)
      } catch (cause) {
        throw new Error(`plugin ${plugin.name} did not start: ${wordsOf(cause)}`, { cause })
      }
    }
  }

  /**
   * Every plugin that runs and that no other configuration has gets its chance, and its share of `limit` ms; the
   * failures are handed back.
   */
  async stop(limit: number, isShared: (plugin: Plugin) => boolean = () => false): Promise<readonly Error[]> {
    const failures: Error[] = []
    const end = performance.now() + limit
    const ending = this.plugins.filter((plugin) => this.#isRunning(plugin) && !isShared(plugin))
    for (let plugin = ending.pop(); plugin !== undefined; plugin = ending.pop()) {
      const share = Math.max(0, end - performance.now()) / (ending.length + 1)
      try {
        await within(share, this.#stop(plugin))
      } catch (cause) {
        failures.push(new Error(`plugin ${plugin.name} did not stop: ${wordsOf(cause)}`, { cause }))
      }
    }
    return failures
  }

  #isRunning(plugin: Plugin): boolean {
    return this.#running.has(plugin) && this.#running.get(plugin) === undefined
  }

  #stop(plugin: Plugin): Promise<void> {
    const stopped = Promise.resolve()
      .then(() => plugin.stop?.())
      .finally(() => this.#running.delete(plugin))
    this.#running.set(
      plugin,
      stopped.catch(() => undefined),
    )
    return stopped
  }
}
