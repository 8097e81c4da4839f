import type { Node, Service } from '../registry.js'
import { tagsOf } from './tags.js'

/** One node as go-micro registers it, in the words of the client package. */
export interface Registration {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly port: number
  readonly tags: string[]
  readonly check?: { readonly ttl: string; readonly deregistercriticalserviceafter: string }
}

/** `id`: Consul's, which is unique on its agent; a node's is so only within its service. */
export function registrationOf(service: Service, node: Node, ttl: number | undefined, id = node.id): Registration {
  const { address, port } = node
  const registration = { id, name: service.name, address, port, tags: tagsOf(service, node, id) }
  if (ttl === undefined) return registration
  const last = Math.max(ttl + 5000, shortest)
  return { ...registration, check: { ttl: goDuration(ttl), deregistercriticalserviceafter: goDuration(last) } }
}

export function checkOf(id: string): string {
  return `service:${id}`
}

/** Consul deregisters a critical service after a minute at the earliest. */
const shortest = 65_000

/** As Go writes durations: `300ms`, `1.5s`, `1m5s`, `1h0m0s`. */
export function goDuration(milliseconds: number): string {
  const whole = Math.ceil(milliseconds)
  if (whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = `${(whole % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
