import type { Broker } from '../broker/broker.js'
import type { Balancer } from '../client/balancer.js'
import type { Middleware } from '../middleware/middleware.js'
import type { Plugin, Slot } from '../plugin/plugin.js'
import type { Registry } from '../registry/registry.js'

/** A name with the options that its implementation takes. */
export interface NamedOptions {
  readonly name: string
  readonly [option: string]: unknown
}

// `string & {}` leaves a plugin's name free and still lets editors complete the built-in ones.
type Choice<Name extends string, T> = Name | (string & {}) | NamedOptions | Slot<T>

export type RegistryChoice = Choice<'auto' | 'memory' | 'consul' | 'mdns' | 'static', Registry>
export type BrokerChoice = Choice<'memory' | 'nats', Broker>
export type BalancerChoice = Choice<'p2c' | 'ewma' | 'round-robin' | 'random' | 'hash', Balancer>

type Nothing = false | null | undefined
type Listed<T> = readonly (T | Nothing | Listed<T>)[]

/** Falsy entries are left out and lists in the list are opened, so that `production && plugin()` may stand here. */
export type MiddlewareList = Listed<Middleware>
export type PluginList = Listed<Plugin>

export function flatten<T extends object>(list: Listed<T>): readonly T[] {
  return list.flatMap((entry) => (isList(entry) ? flatten(entry) : entry || []))
}

function isList<T>(entry: T | Nothing | Listed<T>): entry is Listed<T> {
  return Array.isArray(entry)
}
