import { isDeepStrictEqual } from 'node:util'
import type { CheckedBroker } from '../broker/checked-broker.js'
import type { Settings, SlotChoice } from '../config/settings.js'
import type { Plugin } from '../plugin/plugin.js'
import type { Registry } from '../registry/registry.js'
import type { Transport } from '../transport/transport.js'
import type { SidecarParts } from './sidecar-parts.js'

/** The registry that goes on, with what is registered there; `undefined` where the settings ask for another. */
export function keptRegistry(next: Settings, before: SidecarParts | undefined): Registry | undefined {
  return before !== undefined && isKept(next, before.settings, 'registry') ? before.client.registry : undefined
}

/** The broker that goes on, with its subscriptions. */
export function keptBroker(next: Settings, before: SidecarParts | undefined): CheckedBroker | undefined {
  return before !== undefined && isKept(next, before.settings, 'broker') ? before.broker : undefined
}

/** The transport that goes on, with its open connections. `plugin`: what brings one now. */
export function keptTransport(
  next: Settings,
  plugin: Plugin | undefined,
  before: SidecarParts | undefined,
): Transport | undefined {
  if (before === undefined || plugin !== before.host.transportPlugin) return undefined
  const isSame = plugin !== undefined || isDeepStrictEqual(next.client.pool, before.settings.client.pool)
  return isSame ? before.client.transport : undefined
}

/** The same name and options, or the user's own object again; and where a plugin brings it, the same plugin. */
function isKept(next: Settings, before: Settings, slot: 'registry' | 'broker'): boolean {
  const [one, other]: readonly SlotChoice<unknown>[] = [next[slot], before[slot]]
  if (one?.kind === 'custom' && other?.kind === 'custom') return one.value === other.value
  return isDeepStrictEqual(one, other) && bringer(next, slot) === bringer(before, slot)
}

function bringer(settings: Settings, slot: 'registry' | 'broker'): Plugin | undefined {
  const choice = settings[slot]
  return settings.plugins.find(
    (plugin) => choice.kind === 'named' && plugin.name === choice.name && plugin[slot] !== undefined,
  )
}
