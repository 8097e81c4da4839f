import type { AppConfig } from './config.generated.js'
import type { BrokenRule } from './rules.js'
import { quoted } from './shown.js'

/** What the flags and variables of these keys are called, for those who use only them. */
const flags = { name: '--server_name', address: '--server_address' }

/** Name and address register the application together; nothing else of it means anything without them. */
export function appRules(app: AppConfig): BrokenRule[] {
  return [...togetherRules(app), ...urlRules(app)]
}

function togetherRules({ name, address, advertise, version, metadata = {}, healthcheck }: AppConfig): BrokenRule[] {
  if (name !== undefined && address !== undefined) return []
  if (name !== undefined) return [alone(['name'], ['address'])]
  if (address !== undefined) return [alone(['address'], ['name'])]
  const both = ['name', 'address'] as const
  if (advertise !== undefined) return [alone(['advertise'], both)]
  if (version !== '') return [alone(['version'], both)]
  if (Object.keys(metadata).length > 0) return [alone(['metadata'], both)]
  return healthcheck?.url === undefined ? [] : [alone(['healthcheck', 'url'], both)]
}

function alone(key: readonly string[], missing: readonly (keyof typeof flags)[]): BrokenRule {
  const named = missing.map((name) => `app.${name} (${flags[name]})`).join(' and ')
  const are = missing.length === 1 ? 'is' : 'are'
  const message = `it stands alone: ${named} ${are} missing, and an application is registered by name and address together`
  return { path: ['app', ...key], reads: [['app']], message }
}

/** What the schema's pattern lets through may still be no URL: `http://[x]/`. */
function urlRules({ healthcheck }: AppConfig): BrokenRule[] {
  const url = healthcheck?.url
  if (url === undefined || URL.canParse(url)) return []
  const path = ['app', 'healthcheck', 'url']
  return [
    { path, reads: [path], message: `found ${quoted(url)}, allowed: a URL such as "http://127.0.0.1:9090/health"` },
  ]
}
