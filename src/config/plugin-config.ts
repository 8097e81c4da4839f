import type { ConfigFault } from '../errors.js'
import type { Plugin } from '../plugin/plugin.js'
import { isData, own } from './data.js'
import { faultAt, type Origin } from './layer.js'
import { profileOf } from './profile.js'

/** The plugins that a configuration names, before it is known whether the rest of it is right. */
export function pluginsIn(config: unknown, profile: string | undefined): readonly Plugin[] {
  if (!isData(config)) return []
  const inProfile = profile === undefined ? undefined : own(profileOf(config, profile), 'plugins')
  return pluginsOf(inProfile ?? own(config, 'plugins'), 0)
}

/** Where plugins' own options are not what their `configSchema` says. ajv is loaded only where there is such a schema. */
export async function pluginConfigFaults(plugins: readonly Plugin[], origin: Origin): Promise<readonly ConfigFault[]> {
  const checked = plugins.filter((plugin) => plugin.configSchema !== undefined)
  if (checked.length === 0) return []
  const { Ajv } = await import('ajv')
  return checked.flatMap((plugin) => {
    const ajv = new Ajv({ allErrors: true, strict: false, logger: false })
    const fault = (pointer: string, message: string) => {
      return faultAt(origin, ['plugins', plugin.name, 'config', ...pointer.split('/').slice(1)], message)
    }
    try {
      if (ajv.validate(plugin.configSchema ?? {}, plugin.config ?? {})) return []
    } catch (error) {
      return [fault('', `its configSchema is none: ${error instanceof Error ? error.message : String(error)}`)]
    }
    return (ajv.errors ?? []).map(({ instancePath, message = 'is not right' }) => fault(instancePath, `it ${message}`))
  })
}

function pluginsOf(list: unknown, depth: number): readonly Plugin[] {
  if (!Array.isArray(list) || depth > 10) return []
  return list.flatMap((entry: unknown) => (isPlugin(entry) ? entry : pluginsOf(entry, depth + 1)))
}

function isPlugin(entry: unknown): entry is Plugin {
  return typeof entry === 'object' && entry !== null && 'name' in entry && typeof entry.name === 'string'
}
