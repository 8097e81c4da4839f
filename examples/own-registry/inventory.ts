// A registry of one's own: who runs where is a page, {"go.micro.srv.shop":["10.0.0.1:80","10.0.0.2:80"]}.
import { memoryRegistry, type Registry, type Service } from 'micro-sidecar'

export function inventory({ url, every = 5000 }: { url?: string; every?: number }): Registry {
  // Expires, freezes and tells watchers of differences; it only has to be kept true.
  const table = memoryRegistry()
  let listed: readonly Service[] = []
  let timer: NodeJS.Timeout | undefined
  let ready: Promise<void> | undefined

  async function refresh() {
    const response = await fetch(url ?? '', { signal: AbortSignal.timeout(every) })
    const page = (await response.json()) as Record<string, string[]>
    const services = Object.entries(page).map(([name, places]) => service(name, places))
    for (const each of services) await table.register(each)
    for (const { name, nodes, ...rest } of listed) {
      const now = services.find((each) => each.name === name)?.nodes.map(({ id }) => id) ?? []
      await table.deregister({ ...rest, name, nodes: nodes.filter(({ id }) => !now.includes(id)) })
    }
    listed = services
  }
  // While the page cannot be read, the last one counts.
  const tryRefresh = () => refresh().catch((error) => process.emitWarning(`inventory: ${error.message}`))
  const start = () => {
    timer ??= setInterval(tryRefresh, every).unref()
    ready ??= tryRefresh()
    return ready
  }
  return {
    name: 'inventory',
    register: (service, options) => table.register(service, options),
    deregister: (service) => table.deregister(service),
    getService: (name) => start().then(() => table.getService(name)),
    listServices: () => start().then(() => table.listServices()),
    watch: (listener) => table.watch(listener),
    close: () => {
      clearInterval(timer)
      return table.close()
    },
  }
}

function service(name: string, places: readonly string[]): Service {
  const nodes = places.map((place) => {
    const [address = '', port] = place.split(':')
    return { id: place, address, port: Number(port), metadata: {} }
  })
  return { name, version: '', metadata: {}, endpoints: [], nodes }
}
