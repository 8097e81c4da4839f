import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Broker } from '../broker/broker.js'
import type { Balancer } from '../client/balancer.js'
import type { Codec } from '../codec/codec.js'
import type { Middleware } from '../middleware/middleware.js'
import type { Registry } from '../registry/registry.js'
import type { Sidecar } from '../sidecar.js'
import type { Transport } from '../transport/transport.js'

/** A contract's object, or a function of the slot's options that returns one. */
export type Slot<T> = T | ((options: Record<string, unknown>) => T | Promise<T>)

/** A route of a plugin's own: `path` is `/name` with or without more segments; everything below it is the plugin's. */
export interface PluginRoute {
  readonly path: string
  handle(request: IncomingMessage, response: ServerResponse): unknown
}

/** A named object that says what it adds, and may start and stop. Plugins start in order and stop in reverse. */
export interface Plugin {
  readonly name: string
  /** Offered under the plugin's name: `registry: '<name>'`, and so for the others. */
  readonly registry?: Slot<Registry>
  readonly broker?: Slot<Broker>
  readonly balancer?: Slot<Balancer>
  readonly codec?: Slot<Codec>
  readonly transport?: Slot<Transport>
  /** Runs before the configuration's own list. */
  readonly middleware?: Middleware | readonly Middleware[]
  readonly routes?: readonly PluginRoute[]
  /** JSON Schema for `config`; faults are reported like the configuration's own. */
  readonly configSchema?: object
  /** The plugin's own options, checked by `configSchema`. */
  readonly config?: unknown
  /** After the registry is ready and before the sidecar listens. */
  start?(sidecar: Sidecar): void | Promise<void>
  /** Also called when `start` failed half-way. */
  stop?(): void | Promise<void>
}
