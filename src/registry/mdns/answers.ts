import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import { type DnsQuestion, type DnsRecord, isDnsName, TYPE } from './dns-message.js'
import type { OwnNode } from './own-node.js'
import type { OwnNodes } from './own-nodes.js'
import { instanceName, listing, serviceName } from './zone.js'

/**
 * What is said of a node, in the one order in which every go-micro takes it in. One node a message: go-micro mixes up
 * nodes of one host that come together.
 */
export function nodeRecords(own: OwnNode, domain: string, ttl: number): readonly DnsRecord[] {
  const name = instanceName(own.node.id, own.service, domain)
  return instance(serviceName(own.service, domain), name, { ...own, port: own.node.port, ttl })
}

/** One list of records for each message to be sent. */
export function answersTo(question: DnsQuestion, own: OwnNodes, domains: readonly string[]): (readonly DnsRecord[])[] {
  const domain = domains.find((each) => question.name.endsWith(`.${each}`))
  if (domain === undefined) return []
  const asked = question.name.slice(0, -domain.length - 1)
  if (question.type === TYPE.PTR || question.type === TYPE.ANY) {
    if (asked === listing) return [...own.names].map((name) => listingRecords(name, domain))
    const nodes = [...own.of(asked)]
    if (nodes.length > 0) return nodes.map((node) => nodeRecords(node, domain, node.secondsLeft))
  }
  const node = own.named(asked)
  const records = node === undefined ? [] : nodeRecords(node, domain, node.secondsLeft)
  const wanted = records.filter((record) => isAskedFor(record, question))
  return wanted.length === 0 ? [] : [wanted]
}

/** A host name as go-micro gives it: the machine's own, whatever addresses stand behind it. */
const host = [hostname(), 'localhost'].find(isDnsName) ?? 'localhost'
const listingLifetime = 120

interface InstanceFields {
  readonly port: number
  readonly addresses: readonly string[]
  readonly text: readonly string[]
  readonly ttl: number
}

function instance(service: string, name: string, { port, addresses, text, ttl }: InstanceFields): DnsRecord[] {
  return [
    { type: 'PTR', name: service, ttl, target: name },
    { type: 'SRV', name, ttl, port, target: host },
    ...addresses.map((address) => ({ type: isIPv6(address) ? 'AAAA' : 'A', name: host, ttl, address }) as const),
    { type: 'TXT', name, ttl, strings: text },
  ]
}

/** go-micro lists a service as an instance of `_services`, with a port and an address that mean nothing. */
function listingRecords(service: string, domain: string): readonly DnsRecord[] {
  const name = instanceName(service, listing, domain)
  const nothing = { port: 9999, addresses: ['0.0.0.0'], text: [''], ttl: listingLifetime }
  return instance(serviceName(listing, domain), name, nothing)
}

/** Whoever asks for where a node is wants its addresses with it. */
function isAskedFor({ type }: DnsRecord, question: DnsQuestion): boolean {
  if (type === 'PTR') return false
  if (question.type === TYPE.ANY || question.type === TYPE[type]) return true
  return question.type === TYPE.SRV && type !== 'TXT'
}
