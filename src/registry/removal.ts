import type { Service } from './registry.js'

/** As much of a service as `deregister` looks at. */
export function removalOf(name: string, ids: Iterable<string>): Service {
  const nodes = Array.from(ids, (id) => ({ id, address: '', port: 0, metadata: {} }))
  return { name, version: '', metadata: {}, endpoints: [], nodes }
}
