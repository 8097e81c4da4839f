import type { Broker } from '../broker/broker.js'
import { memoryBroker } from '../broker/memory.js'
import type { Balancer } from '../client/balancer.js'
import { ewma } from '../client/balancers/ewma.js'
import { hash } from '../client/balancers/hash.js'
import { p2c } from '../client/balancers/p2c.js'
import { random } from '../client/balancers/random.js'
import { roundRobin } from '../client/balancers/round-robin.js'
import type { Limits, SlotChoice } from '../config/settings.js'
import { ConfigError } from '../errors.js'
import { memoryRegistry } from '../registry/memory.js'
import type { Registry } from '../registry/registry.js'
import type { Log } from '../telemetry/log.js'
import type { Plugin, Slot } from './plugin.js'

type Maker<T> = (options: Record<string, unknown>) => T | Promise<T>
/** What is built in may use something of the sidecar's too. */
type BuiltIn<T, S = undefined> = (options: Readonly<Record<string, unknown>>, surroundings: S) => T | Promise<T>

/** A registry's code is loaded when it is chosen; its options were checked with the configuration. */
const registries: ReadonlyMap<string, BuiltIn<Registry, Log | undefined>> = new Map<
  string,
  BuiltIn<Registry, Log | undefined>
>([
  ['auto', autoRegistry],
  ['memory', memoryRegistry],
  ['consul', chosenConsul],
  [
    'mdns',
    async ({ domain, interface: wanted }, log) => {
      const { mdnsRegistry } = await import('../registry/mdns.js')
      return mdnsRegistry({ domain: text(domain), interface: text(wanted), log })
    },
  ],
  [
    'static',
    async ({ services, file }, log) => {
      const { staticRegistry } = await import('../registry/static.js')
      return staticRegistry({ services: Array.isArray(services) ? services : [], file: text(file), log })
    },
  ],
])

/** Asks once; what it chose is said, since nobody named it. Options are Consul's: the original knew no other default. */
async function autoRegistry(options: Readonly<Record<string, unknown>>, log: Log | undefined): Promise<Registry> {
  if (Object.keys(options).length > 0) return chosenConsul(options, log)
  const { consulAnswers } = await import('../registry/consul/probe.js')
  if (await consulAnswers()) {
    log?.info('registry auto: a Consul agent answers at 127.0.0.1:8500, services are found there')
    return chosenConsul({}, log)
  }
  log?.info('registry auto: no Consul agent answers at 127.0.0.1:8500, services are kept in memory')
  return memoryRegistry()
}

async function chosenConsul(options: Readonly<Record<string, unknown>>, log: Log | undefined): Promise<Registry> {
  const { consulRegistry } = await import('../registry/consul.js')
  return consulRegistry({ ...options, ...(log === undefined ? {} : { log }) })
}

/** What a broker that is built in may use. */
export interface BrokerSurroundings {
  readonly log: Log
  readonly limits: Limits
}

/** A broker's code is loaded when it is chosen; its options were checked with the configuration. */
const brokers: ReadonlyMap<string, BuiltIn<Broker, BrokerSurroundings>> = new Map<
  string,
  BuiltIn<Broker, BrokerSurroundings>
>([
  ['memory', memoryBroker],
  [
    'nats',
    async (options, { log, limits }) => {
      const { natsBroker } = await import('../broker/nats.js')
      return natsBroker({ ...options, log, buffer: limits.subscriberBuffer })
    },
  ],
])

const balancers: ReadonlyMap<string, BuiltIn<Balancer>> = new Map([
  ['p2c', p2c],
  ['ewma', ewma],
  ['hash', hash],
  ['random', random],
  ['round-robin', roundRobin],
])

/** What stands in the registry's slot, made but not started. */
export function fillRegistry(choice: SlotChoice<Registry>, plugins: readonly Plugin[], log?: Log): Promise<Registry> {
  return fill('registry', choice, registries, plugins, (plugin) => plugin.registry, log)
}

/** What stands in the broker's slot, made but not started. */
export function fillBroker(
  choice: SlotChoice<Broker>,
  plugins: readonly Plugin[],
  surroundings: BrokerSurroundings,
): Promise<Broker> {
  return fill('broker', choice, brokers, plugins, (plugin) => plugin.broker, surroundings)
}

export function fillBalancer(choice: SlotChoice<Balancer>, plugins: readonly Plugin[]): Promise<Balancer> {
  return fill('client.balancer', choice, balancers, plugins, (plugin) => plugin.balancer, undefined)
}

async function fill<T, S>(
  path: string,
  choice: SlotChoice<T>,
  builtIn: ReadonlyMap<string, BuiltIn<T, S>>,
  plugins: readonly Plugin[],
  slotOf: (plugin: Plugin) => Slot<T> | undefined,
  surroundings: S,
): Promise<T> {
  if (choice.kind === 'custom') return made(choice.value, {})
  const maker = builtIn.get(choice.name)
  if (maker !== undefined) return maker(choice.options, surroundings)
  const slot = plugins
    .filter((plugin) => plugin.name === choice.name)
    .map(slotOf)
    .find((one) => one !== undefined)
  if (slot !== undefined) return made(slot, choice.options)
  const known = [...builtIn.keys(), ...plugins.filter((plugin) => slotOf(plugin) !== undefined).map((one) => one.name)]
  const message = `found '${choice.name}', which neither is built in nor comes with a plugin; allowed: ${known.join(', ')}`
  throw new ConfigError([{ source: 'config', path, message }])
}

/** A slot takes the contract's object or a function of its options. */
export async function made<T>(slot: Slot<T>, options: Readonly<Record<string, unknown>>): Promise<T> {
  return isMaker(slot) ? slot({ ...options }) : slot
}

function isMaker<T>(slot: Slot<T>): slot is Maker<T> {
  return typeof slot === 'function'
}

function text(option: unknown): string | undefined {
  return typeof option === 'string' ? option : undefined
}
