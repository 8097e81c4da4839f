import { cleanPath } from './clean-path.js'

/** What a path calls. */
export interface RpcRoute {
  /** Full name, namespace included. */
  readonly service: string
  readonly method: string
}

/** For the sentence that answers a path which maps to nothing. */
export const rpcPathForm = 'expected /SERVICE/METHOD or /SERVICE/HANDLER/METHOD, such as /greeter/say/hello'

/**
 * The service and method that a request's path (without its query) calls; `undefined` where the path has one part or
 * holds what belongs in no service's name. Nothing is ever decoded, so that no encoding leads to another service.
 */
export function mapRpc(path: string, namespace: string): RpcRoute | undefined {
  const clean = namesOf(path)
  const last = clean.lastIndexOf('/')
  if (last <= 0) return undefined
  const beforeLast = clean.lastIndexOf('/', last - 1)
  const handler = camel(clean.slice(beforeLast + 1, last))
  const method = camel(clean.slice(last + 1))
  if (handler === '' || method === '') return undefined
  const keepsHandler = beforeLast === 0 || isVersionedTriple(clean, beforeLast)
  const name = clean.slice(1, keepsHandler ? last : beforeLast)
  const dotted = name.includes('/') ? name.replaceAll('/', '.') : name
  return { service: within(namespace, dotted), method: `${handler}.${method}` }
}

/** The service that a path is for when the whole request goes on to it; `undefined` where the path names none. */
export function mapProxy(path: string, namespace: string): string | undefined {
  if (!path.startsWith('/')) return undefined
  const end = endOfSegment(path, 1)
  const first = path.slice(1, end)
  const isVersioned = end < path.length && version.test(first)
  const name = isVersioned ? path.slice(end + 1, endOfSegment(path, end + 1)) : first
  if (!serviceName.test(name)) return undefined
  return within(namespace, isVersioned ? `${first}.${name}` : name)
}

/** A path as most are: nothing to clean, and nothing that belongs in no name. */
const plainPath = /^(?:\/[\w~-][\w.~-]*)+$/
const servicePath = /^\/[\w.~/-]+$/
const serviceName = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/
const version = /^v[0-9]+$/

/** The clean path, or `''` where it holds what belongs in no name, be it in a part that cleaning would drop. */
function namesOf(path: string): string {
  if (plainPath.test(path)) return path
  return servicePath.test(path) ? cleanPath(path) : ''
}

/** Of `/v1/greeter/hello` the service is `v1.greeter`, though only one part is left for the method. */
function isVersionedTriple(path: string, beforeLast: number): boolean {
  return path.lastIndexOf('/', beforeLast - 1) === 0 && version.test(path.slice(1, beforeLast))
}

function endOfSegment(path: string, start: number): number {
  const end = path.indexOf('/', start)
  return end < 0 ? path.length : end
}

function within(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}.${name}`
}

/** `baz-xyz` is `BazXyz`: a method is written as Go writes what it exports. */
function camel(part: string): string {
  if (!part.includes('-')) return capital(part)
  return part.split('-').map(capital).join('')
}

function capital(word: string): string {
  const first = word.charAt(0)
  return first >= 'a' && first <= 'z' ? first.toUpperCase() + word.slice(1) : word
}
