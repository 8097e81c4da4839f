import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Registered {
  readonly ID: string
  readonly Name: string
  readonly Address: string
  readonly Port: number
  readonly Tags: readonly string[]
  readonly Check?: { readonly TTL: string }
  readonly created: number
  modified: number
  status: 'passing' | 'critical'
  timer?: NodeJS.Timeout
}

/** Answers in place of the double; false: the double answers. */
export type Script = (request: IncomingMessage, response: ServerResponse) => boolean

/** As much of a Consul agent as the registry uses, with a script for answers that a healthy one never gives. */
export class ConsulDouble {
  readonly requests: { readonly at: number; readonly path: string }[] = []
  script: Script = () => false
  index = 10
  readonly #services = new Map<string, Registered>()
  readonly #waiting = new Set<() => void>()
  readonly #restored = new Set<() => void>()
  readonly #server = createServer((request, response) => this.#serve(request, response))
  #identity = randomUUID()

  static async start(): Promise<ConsulDouble> {
    const double = new ConsulDouble()
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve))
    double.#server.on('connection', (socket) => socket.on('error', () => {}))
    return double
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Requests since then. */
  since(at: number): number {
    return this.requests.filter((request) => request.at >= at).length
  }

  put(id: string, name: string, more: Partial<Registered> = {}): void {
    const known = this.#services.get(id)
    clearTimeout(known?.timer)
    const created = known?.created ?? ++this.index
    const status = more.Check === undefined ? 'passing' : (known?.status ?? 'critical')
    const base = { ID: id, Name: name, Address: '127.0.0.1', Port: 1000, Tags: [], created, status } as const
    this.#services.set(id, { ...base, ...more, modified: ++this.index })
    this.#wake()
  }

  delete(id: string): boolean {
    clearTimeout(this.#services.get(id)?.timer)
    const deleted = this.#services.delete(id)
    this.index++
    this.#wake()
    return deleted
  }

  /** As a restart without data: everything forgotten, indexes from the start. */
  forget(): void {
    for (const { timer } of this.#services.values()) clearTimeout(timer)
    this.#services.clear()
    this.index = 5
    this.#identity = randomUUID()
    this.#server.closeAllConnections()
  }

  /** As a snapshot that is restored: other indexes, and whoever waits is answered. */
  restore(index: number): void {
    this.index = index
    for (const answer of [...this.#restored]) answer()
  }

  async close(): Promise<void> {
    for (const { timer } of this.#services.values()) clearTimeout(timer)
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** What a healthy agent answers to this. */
  list(path: string): unknown {
    const name = /^\/v1\/health\/service\/(.*)$/.exec(path)?.[1]
    if (name !== undefined) return this.#instances(decodeURIComponent(name))
    const names = [...new Set([...this.#services.values()].map(({ Name }) => Name))]
    if (path === '/v1/catalog/services') return Object.fromEntries([['consul', []], ...names.map((one) => [one, []])])
    return names.map((one) => this.#summary(one))
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    response.on('error', () => {})
    const url = new URL(request.url ?? '/', 'http://consul')
    this.requests.push({ at: performance.now(), path: url.pathname + url.search })
    if (this.script(request, response)) return
    if (request.method === 'PUT') return this.#write(request, response, url.pathname)
    const index = Number(url.searchParams.get('index') ?? 0)
    const answer = () => {
      const body = JSON.stringify(this.list(url.pathname))
      response.setHeader('x-consul-index', this.#indexOf(url.pathname))
      response.end(body)
    }
    if (index === 0 || this.#indexOf(url.pathname) > index) return answer()
    this.#wait(
      () => this.#indexOf(url.pathname) > index,
      Number.parseInt(url.searchParams.get('wait') ?? '', 10),
      answer,
    )
  }

  #indexOf(path: string): number {
    return path === '/v1/health/service/consul' ? 4 : this.index
  }

  #wait(ready: () => boolean, milliseconds: number, answer: () => void): void {
    const timer = setTimeout(() => end(), milliseconds)
    timer.unref()
    const end = () => {
      clearTimeout(timer)
      this.#waiting.delete(wake)
      this.#restored.delete(end)
      answer()
    }
    const wake = () => {
      if (ready()) end()
    }
    this.#waiting.add(wake)
    this.#restored.add(end)
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  #write(request: IncomingMessage, response: ServerResponse, path: string): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const known = this.#apply(path, Buffer.concat(chunks).toString())
      response.statusCode = known ? 200 : 404
      response.end(known ? '' : 'Unknown service or check ID')
    })
  }

  #apply(path: string, body: string): boolean {
    const [, verb = '', name = ''] = /^\/v1\/agent\/([a-z]+\/[a-z]+)\/?(.*)$/.exec(path) ?? []
    const id = decodeURIComponent(name).replace(/^service:/, '')
    if (verb === 'service/deregister') return this.delete(id)
    if (verb === 'check/pass') return this.#pass(id)
    if (verb === 'check/deregister') return this.#dropCheck(id)
    const registered: Registered = JSON.parse(body)
    this.put(registered.ID, registered.Name, registered)
    return true
  }

  #pass(id: string): boolean {
    const service = this.#services.get(id)
    if (service?.Check === undefined) return false
    clearTimeout(service.timer)
    service.timer = setTimeout(() => this.#turn(service, 'critical'), duration(service.Check.TTL))
    service.timer.unref()
    this.#turn(service, 'passing')
    return true
  }

  #dropCheck(id: string): boolean {
    const service = this.#services.get(id)
    if (service?.Check === undefined) return false
    clearTimeout(service.timer)
    const { Check: _, timer: __, ...rest } = service
    this.#services.set(id, { ...rest, status: 'passing' })
    return true
  }

  #turn(service: Registered, status: Registered['status']): void {
    if (service.status === status) return
    service.status = status
    service.modified = ++this.index
    this.#wake()
  }

  #instances(name: string): unknown {
    const Node = { ID: this.#identity, Node: 'double', Address: '127.0.0.9' }
    if (name === 'consul')
      return [{ Node, Service: { ID: 'consul', Service: 'consul', Port: 8300, CreateIndex: 4 }, Checks: [] }]
    return [...this.#services.values()]
      .filter(({ Name }) => Name === name)
      .map(({ ID, Name, Address, Port, Tags, Check, status, created, modified }) => ({
        Node,
        Service: { ID, Service: Name, Address, Port, Tags, CreateIndex: created, ModifyIndex: modified },
        Checks: Check === undefined ? [] : [{ CheckID: `service:${ID}`, Status: status, Type: 'ttl' }],
      }))
  }

  #summary(name: string): unknown {
    const services = [...this.#services.values()].filter(({ Name }) => Name === name)
    const critical = services.filter(({ status }) => status === 'critical').length
    return {
      Name: name,
      InstanceCount: services.length,
      ChecksPassing: services.length - critical,
      ChecksCritical: critical,
    }
  }
}

function duration(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  return [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ''] ?? 0),
    0,
  )
}
