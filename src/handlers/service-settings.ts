import type { ServiceSettings, Settings } from '../config/settings.js'

const defaults = new WeakMap<Settings, ServiceSettings>()

/** What the configuration says of a service, or what it says of all. */
export function serviceSettings(settings: Settings, service: string): ServiceSettings {
  const named = settings.services.get(service)
  if (named !== undefined) return named
  let common = defaults.get(settings)
  if (common === undefined) {
    common = { ...settings.client, protocol: undefined, version: undefined, split: undefined, sticky: undefined }
    defaults.set(settings, common)
  }
  return common
}
