import { isIPv6 } from 'node:net'
import { fieldFault, members, metadata, refusal, requiredText } from './json-fields.js'
import type { Node } from './registry.js'

/** A node to be called: with an address and a port, apart or as go-micro of today writes them, `host:port`. */
export function completeNode(value: unknown, path: string): Node {
  const node = members(value, path)
  const id = requiredText(node.get('id'), `${path}.id`)
  const { address, port } = place(node, path)
  return { id, address, port, metadata: metadata(node.get('metadata'), `${path}.metadata`) }
}

/** A node that is named only to be removed. */
export function namedNode(value: unknown, path: string): Node {
  const node = members(value, path)
  return { id: requiredText(node.get('id'), `${path}.id`), address: '', port: 0, metadata: metadata(undefined, path) }
}

function place(node: ReadonlyMap<string, unknown>, path: string): { address: string; port: number } {
  const written = requiredText(node.get('address'), `${path}.address`)
  const [host, tail] = split(written)
  if (!isHost(host)) throw fieldFault(`${path}.address`, 'an IP address or a host name', written)
  const given = node.get('port') ?? undefined
  // Go writes a number that was never set as 0.
  const own = given === 0 && tail !== undefined ? undefined : given
  if (own !== undefined && tail !== undefined && own !== Number(tail)) {
    throw refusal(`${path}.address ends in port ${tail}, but ${path}.port is another`)
  }
  return { address: host, port: port(own ?? tail, typeof own === 'number' || own === undefined, path) }
}

/** `host`, `host:port`, `::1`, `[::1]` and `[::1]:port`, taken apart. */
function split(address: string): [host: string, port: string | undefined] {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(address)
  if (bracketed) return isIPv6(bracketed[1] ?? '') ? [bracketed[1] ?? '', bracketed[2]] : ['', undefined]
  const named = /^([^:]*):(\d{1,5})$/.exec(address)
  return named ? [named[1] ?? '', named[2]] : [address, undefined]
}

function isHost(host: string): boolean {
  return isIPv6(host) || (host !== '' && !/[\s/\\?#@:[\]%"'<>,;]/.test(host))
}

function port(value: unknown, typed: boolean, path: string): number {
  const number = typed ? Number(value) : Number.NaN
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number
  throw fieldFault(`${path}.port`, 'a whole number from 1 to 65535', value)
}
