import { deflateSync, inflateSync } from 'node:zlib'
import { deeperThan } from '../json-depth.js'
import { members, refusal } from '../json-fields.js'
import { completeNode } from '../node-json.js'
import type { Node, Service } from '../registry.js'
import { readService, serviceJson } from '../service-json.js'
import { Allowance } from './allowance.js'

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

/** Bytes of JSON that are read of others in a second: a short text may hold a thousand times its length. */
const readPerSecond = 64 * longest

/** Reads the texts of others. */
export class NodeTextReader {
  readonly #allowance = new Allowance(readPerSecond)

  /**
   * The service with the one node; `undefined` for a text that is not go-micro's. `idOf` tells the node's id, if its
   * record's own name belongs to the service that the text names.
   */
  read(text: string, place: Place, idOf: (service: string) => string | undefined): Service | undefined {
    try {
      const json = inflateSync(Buffer.from(text, 'hex'), { maxOutputLength: longest })
      if (!this.#allowance.take(json.length) || deeperThan(deepest, json)) return undefined
      return serviceOf(json, place, idOf)
    } catch {
      return undefined
    }
  }
}

interface Place {
  readonly address: string
  readonly port: number
}

function serviceOf(json: Buffer, place: Place, idOf: (service: string) => string | undefined): Service | undefined {
  const fields = members(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)), 'the record')
  const [name, version, endpoints] = [fields.get('service'), fields.get('version'), fields.get('endpoints')]
  const id = typeof name === 'string' ? idOf(name) : undefined
  if (id === undefined) return undefined
  return readService(
    { name, version, endpoints, nodes: [{ id, ...place, metadata: fields.get('metadata') }] },
    completeNode,
  )
}
