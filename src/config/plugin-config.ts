import type { ConfigFault } from '../errors.js'
import type { Plugin } from '../plugin/plugin.js'
import { pathText } from './path.js'

/** Where plugins' own options are not what their `configSchema` says. ajv is loaded only where there is such a schema. */
export async function pluginConfigFaults(plugins: readonly Plugin[], source: string): Promise<readonly ConfigFault[]> {
  const checked = plugins.filter((plugin) => plugin.configSchema !== undefined)
  if (checked.length === 0) return []
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ allErrors: true, strict: false, logger: false })
  return checked.flatMap((plugin) => {
    const at = (path: readonly string[], message: string): ConfigFault => {
      return { source, path: pathText(['plugins', plugin.name, 'config', ...path]), message }
    }
    try {
      if (ajv.validate(plugin.configSchema ?? {}, plugin.config ?? {})) return []
    } catch (error) {
      return [at([], `its configSchema is no JSON Schema: ${error instanceof Error ? error.message : String(error)}`)]
    }
    return (ajv.errors ?? []).map(({ instancePath, message }) => at(instancePath.split('/').slice(1), `it ${message}`))
  })
}
