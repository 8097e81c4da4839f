import type { Codec } from '../codec/codec.js'
import { ConfigError, wordsOf } from '../errors.js'
import type { Middleware } from '../middleware/middleware.js'
import type { Sidecar } from '../sidecar.js'
import type { Transport } from '../transport/transport.js'
import type { Plugin } from './plugin.js'
import { made } from './slots.js'

/** The plugins of one sidecar: what they add, and their start in order and stop in reverse. */
export class PluginHost {
  readonly plugins: readonly Plugin[]
  readonly #started: Plugin[] = []

  constructor(plugins: readonly Plugin[]) {
    this.plugins = plugins
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

  /** The one transport that a plugin brings; two of them are a fault. */
  async transport(): Promise<Transport | undefined> {
    const bringing = this.plugins.filter((plugin) => plugin.transport !== undefined)
    const [first, second] = bringing
    if (second !== undefined) {
      const message = `plugins ${first?.name} and ${second.name} both bring a transport; keep one of them`
      throw new ConfigError([{ source: 'config', path: 'plugins', message }])
    }
    return first?.transport === undefined ? undefined : made(first.transport, {})
  }

  async start(sidecar: Sidecar): Promise<void> {
    for (const plugin of this.plugins) {
      this.#started.push(plugin)
      try {
        await plugin.start?.(sidecar)
      } catch (cause) {
        const why = wordsOf(cause)
        throw new Error(`plugin ${plugin.name} did not start: ${why}`, { cause })
      }
    }
  }

  /** Every started plugin gets its chance; the failures are handed back. */
  async stop(): Promise<readonly Error[]> {
    const failures: Error[] = []
    for (let plugin = this.#started.pop(); plugin !== undefined; plugin = this.#started.pop()) {
      try {
        await plugin.stop?.()
      } catch (cause) {
        const why = wordsOf(cause)
        failures.push(new Error(`plugin ${plugin.name} did not stop: ${why}`, { cause }))
      }
    }
    return failures
  }
}
