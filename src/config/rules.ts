import type { Plugin } from '../plugin/plugin.js'
import { listed } from './allowed.js'
import { appRules } from './app-rules.js'
import { balancingRules } from './balancing-rules.js'
import type { MicroConfig } from './config.generated.js'
import { nearest } from './nearest.js'
import { optionRules } from './option-rules.js'
import type { Path } from './path.js'
import { SCHEMA } from './schema.generated.js'
import { nodeAt } from './schema.js'
import type { ClientSettings, Settings, SlotChoice } from './settings.js'
import { quoted } from './shown.js'
import { UNAVAILABLE } from './unavailable.js'

/** A combination of values that cannot be. */
export interface BrokenRule {
  readonly path: Path
  readonly message: string
  /** All that the rule looks at: it says nothing while one of these has a fault of its own. */
  readonly reads: readonly Path[]
}

/** What each value alone is right about, and all together are not. */
export function brokenRules(settings: Settings, config: MicroConfig): readonly BrokenRule[] {
  return [
    ...slotRules(settings.registry, 'registry', ['registry'], settings.plugins),
    ...slotRules(settings.broker, 'broker', ['broker'], settings.plugins),
    ...deliveryRules(settings.broker),
    ...slotRules(settings.client.balancer, 'balancer', ['client', 'balancer'], settings.plugins),
    ...[...settings.services].flatMap(([name, { balancer }]) => {
      return slotRules(balancer, 'balancer', ['services', name, 'balancer'], settings.plugins)
    }),
    ...pluginRules(settings.plugins),
    ...timeRules(settings),
    ...attemptRules(settings),
    ...balancingRules(settings),
    ...appRules(config.app ?? {}),
  ]
}

type SlotName = 'registry' | 'broker' | 'balancer'

function slotRules(
  choice: SlotChoice<object>,
  slot: SlotName,
  path: Path,
  plugins: readonly Plugin[],
): readonly BrokenRule[] {
  if (choice.kind === 'custom') return []
  const node = nodeAt(SCHEMA, path)
  const offered = plugins.filter((plugin) => plugin[slot] !== undefined).map((plugin) => plugin.name)
  if (offered.includes(choice.name)) return []
  const reads = [path, ['plugins']]
  const names = (node?.names ?? []).filter((name) => !node?.unavailable?.includes(name))
  const allowed = `allowed: ${listed([...names, ...offered].map(quoted))}, or a plugin with a ${slot}`
  if (node?.unavailable?.includes(choice.name)) {
    return [{ path, reads, message: `${quoted(choice.name)} is ${UNAVAILABLE}, ${allowed}` }]
  }
  if (names.includes(choice.name)) return optionRules(choice, path)
  const near = nearest(choice.name, [...names, ...offered])
  const meant = near === undefined ? '' : `; did you mean ${quoted(near)}?`
  return [{ path, reads, message: `found ${quoted(choice.name)}, ${allowed}${meant}` }]
}

/** What is built in and stores nothing cannot deliver again. */
function deliveryRules(broker: SlotChoice<object>): BrokenRule[] {
  if (broker.kind === 'custom' || broker.options.delivery !== 'at-least-once') return []
  if (broker.name !== 'memory' && broker.name !== 'http') return []
  const path = ['broker', 'delivery']
  const allowed = `"at-most-once", or the broker "nats" on a server with JetStream`
  return [
    { path, reads: [['broker']], message: `${quoted(broker.name)} cannot deliver at least once, allowed: ${allowed}` },
  ]
}

function pluginRules(plugins: readonly Plugin[]): BrokenRule[] {
  const names = plugins.map((plugin) => plugin.name)
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...twice].map((name) => {
    const message = `two plugins are named ${quoted(name)}, allowed: each name once`
    return { path: ['plugins'], reads: [['plugins']], message }
  })
}

function timeRules({ drain, limits }: Settings): BrokenRule[] {
  const rules: BrokenRule[] = []
  if (drain.hard < drain.lameDuck + drain.grace) {
    const least = `${drain.lameDuck + drain.grace} ms or more, lameDuck and grace together`
    rules.push({ path: ['drain', 'hard'], reads: [['drain']], message: `found ${drain.hard} ms, allowed: ${least}` })
  }
  if (limits.requestTimeout > 0 && limits.requestTimeout < limits.headersTimeout) {
    const least = `${limits.headersTimeout} ms or more, which is headersTimeout, or 0 for no limit`
    const message = `found ${limits.requestTimeout} ms, allowed: ${least}`
    rules.push({ path: ['limits', 'requestTimeout'], reads: [['limits']], message })
  }
  return rules
}

/** An attempt that may take as long as the call would never run out of its time: the key would do nothing. */
function attemptRules({ client, services }: Settings): BrokenRule[] {
  const rules = attemptRule(client, ['client'], [['client']])
  if (rules.length > 0) return rules
  return [...services].flatMap(([name, service]) => {
    const path = ['services', name]
    return attemptRule(service, path, [['client'], path])
  })
}

function attemptRule(settings: ClientSettings, path: Path, reads: readonly Path[]): BrokenRule[] {
  const { attemptTimeout, timeout } = settings
  if (attemptTimeout === undefined || attemptTimeout < timeout) return []
  const message = `found ${attemptTimeout} ms, allowed: less than ${timeout} ms, which is timeout`
  return [{ path: [...path, 'attemptTimeout'], reads, message }]
}
