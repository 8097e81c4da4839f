import type { SlotChoice } from '../config/settings.js'
import type { Registry } from '../registry/registry.js'
import type { Destination } from './route.js'

/** Where the registries that are built in and have readers on other hosts are found. */
const places: ReadonlyMap<string, Destination> = new Map([
  ['consul', { host: '127.0.0.1', port: 8500 }],
  ['mdns', { host: '224.0.0.251', port: 5353 }],
])

/** Where a registry with readers on other hosts is; `undefined` for one of this host alone. One with an address is elsewhere. */
export function sharedRegistry(registry: Registry, choice: SlotChoice<Registry>): Destination | undefined {
  const { address, interface: wanted } = choice.kind === 'named' ? choice.options : {}
  const place = (typeof address === 'string' ? destination(address) : undefined) ?? places.get(registry.name)
  return place !== undefined && typeof wanted === 'string' ? { ...place, interface: wanted } : place
}

/** `host:port`, `host` or a URL; of several with commas the first. */
function destination(address: string): Destination | undefined {
  const first = address.split(',')[0]?.trim() ?? ''
  const text = first.includes('://') ? first : `http://${first}`
  if (!URL.canParse(text)) return undefined
  const { hostname, port } = new URL(text)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return host === '' ? undefined : { host, port: Number(port) || 8500 }
}
