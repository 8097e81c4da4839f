import { deflateSync, inflateSync } from 'node:zlib'
import { deeperThan } from '../json-depth.js'
import { members, refusal } from '../json-fields.js'
import { completeNode } from '../node-json.js'
import type { Node, Service } from '../registry.js'
import { readService, serviceJson } from '../service-json.js'

/** Bytes of JSON in one node's record. */
const longest = 64 * 1024
const deepest = 64
const longestString = 255

/** What a node's TXT record holds: lower-case hex of zlib of JSON, in strings of at most 255 characters. */
export function writeNodeText(service: Service, node: Node): readonly string[] {
  const json = JSON.stringify({
    Service: service.name,
    Version: service.version,
    Endpoints: Reflect.get(serviceJson(service), 'endpoints'),
    Metadata: Object.keys(node.metadata).length === 0 ? null : node.metadata,
  })
  const hex = deflateSync(json).toString('hex')
  if (Buffer.byteLength(json) > longest || hex.length > longest / 2) {
    throw refusal(`endpoints and metadata of ${service.name} are too long for mdns`)
  }
  return hex.match(new RegExp(`.{1,${longestString}}`, 'g')) ?? []
}

/** The service with the one node, or `undefined` for a text that is not go-micro's. */
export function readNodeText(text: string, at: { readonly address: string; readonly port: number }, idOf: IdOf) {
  try {
    const json = inflateSync(Buffer.from(text, 'hex'), { maxOutputLength: longest })
    if (deeperThan(deepest, json)) return undefined
    const fields = members(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)), 'the record')
    const id = idOf(fields.get('service'))
    if (id === undefined) return undefined
    const node = { id, ...at, metadata: fields.get('metadata') }
    const described = {
      name: fields.get('service'),
      version: fields.get('version'),
      endpoints: fields.get('endpoints'),
    }
    return readService({ ...described, nodes: [node] }, completeNode)
  } catch {
    return undefined
  }
}

/** The node's id, when its record's own name belongs to the service that its text names. */
type IdOf = (service: unknown) => string | undefined
