import type { Service, Value } from '../registry/registry.js'

export interface Surroundings {
  readonly url: string
  readonly handler: 'rpc' | 'proxy'
  readonly namespace: string
  readonly services: readonly Service[]
  /** Admin paths want a token. */
  readonly guarded: boolean
}

/** Commands that work as they stand, for somebody who sees the sidecar for the first time. */
export function hintLines(around: Surroundings): string[] {
  const list = curl(around, '/registry', { admin: true })
  if (around.services.length === 0) {
    const nodes = [{ id: 'greeter-1', address: '127.0.0.1', port: 9090 }]
    return [curl(around, '/registry', { body: { name: `${around.namespace}.greeter`, nodes }, admin: true }), list]
  }
  const call = around.handler === 'proxy' ? passThrough(around) : rpcCall(around)
  return call === undefined ? [list] : [call, list]
}

function passThrough(around: Surroundings): string | undefined {
  const name = around.services.map((service) => shortName(service, around)).find((short) => PROXIED.test(short))
  return name === undefined ? undefined : curl(around, `/${name.replace('.', '/')}`)
}

function rpcCall(around: Surroundings): string | undefined {
  for (const service of around.services) {
    const name = shortName(service, around)
    const endpoint = service.endpoints.find((candidate) => METHOD.test(candidate.name))
    if (endpoint === undefined || !CALLED.test(name)) continue
    const parts = [...name.split('.'), ...endpoint.name.split('.').map(dashed)]
    return curl(around, `/${parts.join('/')}`, { body: example(endpoint.request) })
  }
  return undefined
}

function curl(around: Surroundings, path: string, options: { body?: object; admin?: boolean } = {}): string {
  const words = ['curl']
  if (options.admin === true && around.guarded) words.push('-H "Authorization: Bearer $TOKEN"')
  if (options.body !== undefined) {
    words.push(`-d '${JSON.stringify(options.body).replaceAll("'", "'\\''")}'`, `-H 'Content-Type: application/json'`)
  }
  const socket = around.url.startsWith('unix:')
  if (socket) words.push(`--unix-socket ${around.url.slice('unix:'.length)}`)
  const origin = socket ? 'http://localhost' : around.url.replace(EVERY_INTERFACE, '//127.0.0.1')
  return [...words, `${origin}${path}`].join(' ')
}

const EVERY_INTERFACE = /\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/

// A name that a path does not reach, or that a shell could take for something else, is nothing to try out.
const PROXIED = /^(?:v\d+\.)?(?!v\d+$)[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/
const CALLED = /^(?!v\d+$)[a-zA-Z0-9]+(?:[.-][a-zA-Z0-9]+)*$/
const METHOD = /^[A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*$/

function shortName(service: Service, { namespace }: Surroundings): string {
  return service.name.startsWith(`${namespace}.`) ? service.name.slice(namespace.length + 1) : ''
}

/** `SayHello` is `say-hello` in a path. */
function dashed(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()
}

function example(request: Value | null): Record<string, unknown> {
  const fields = request?.values ?? []
  return Object.fromEntries(fields.filter(({ name }) => /^\w+$/.test(name)).map((field) => [field.name, sample(field)]))
}

function sample({ name, type }: Value): unknown {
  if (type === 'string') return name === 'name' ? 'John' : 'text'
  if (/^(?:u?int|float|double)/.test(type)) return 1
  return type === 'bool' ? true : null
}
