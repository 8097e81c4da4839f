// A registry of one's own: a page says who runs where, as a list of services.
import { memoryRegistry, type Registry, type Service } from 'micro-sidecar'

export function inventory({ url = '', every = 5000 }: { url?: string; every?: number }): Registry {
  const table = memoryRegistry() // expires, freezes and tells watchers: it only has to be kept true
  let listed: readonly Service[] = []
  let ready: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  async function refresh() {
    const services = (await (await fetch(url)).json()) as Service[]
    for (const service of services) await table.register(service)
    const ids = new Set(services.flatMap(({ nodes }) => nodes.map(({ id }) => id)))
    for (const service of listed) {
      await table.deregister({ ...service, nodes: service.nodes.filter(({ id }) => !ids.has(id)) })
    }
    listed = services
  }
  // While the page cannot be read, the last one counts.
  const attempt = () => refresh().catch((error) => process.emitWarning(`inventory: ${error.message}`))
  const started = () => {
    timer ??= setInterval(attempt, every).unref()
    ready ??= attempt()
    return ready
  }
  return {
    name: 'inventory',
    register: (service, options) => started().then(() => table.register(service, options)),
    deregister: (service) => started().then(() => table.deregister(service)),
    getService: (name) => started().then(() => table.getService(name)),
    listServices: () => started().then(() => table.listServices()),
    watch: (listener) => table.watch(listener),
    close: () => table.close().finally(() => clearInterval(timer)),
  }
}
