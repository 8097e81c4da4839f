import { deflateSync, inflateSync } from 'node:zlib'
import { deeperThan } from '../json-depth.js'
import type { Endpoint, Node, Service } from '../registry.js'
import { endpointJson, parseEndpoint } from '../service-json.js'

/** What go-micro keeps in the tags of a Consul service. */
export interface Tagged {
  readonly version: string
  readonly endpoints: readonly Endpoint[]
  /** The node's. */
  readonly metadata: Readonly<Record<string, string>>
  /** The service's: ours, for go-micro keeps none; a tag that others leave alone. */
  readonly serviceMetadata: Readonly<Record<string, string>>
  /** The node's id where Consul's is another: ours too. */
  readonly id: string | undefined
}

/** The tags in go-micro's order, and ours where there is something that go-micro has no tag for. */
export function tagsOf({ version, endpoints, metadata }: Service, node: Node, id: string): string[] {
  const own = Object.entries(metadata)
  return [
    ...Object.entries(node.metadata).map(([key, value]) => `t-${packed(goJson({ [key]: value }))}`),
    ...endpoints.map((endpoint) => `e-${packed(goJson(endpointJson(endpoint)))}`),
    ...(own.length === 0 ? [] : [`m-${packed(goJson(Object.fromEntries(own)))}`]),
    ...(id === node.id ? [] : [`i-${packed(node.id)}`]),
    `v-${packed(version)}`,
  ]
}

/** Tags that are not go-micro's, or cannot be read, count for nothing; without a version's it is `''`. */
export function readTags(tags: readonly string[]): Tagged {
  let version = ''
  let id: string | undefined
  const endpoints: Endpoint[] = []
  const metadata: Record<string, string> = Object.create(null)
  const serviceMetadata: Record<string, string> = Object.create(null)
  for (const tag of tags.slice(0, mostTags)) {
    const { kind, value } = readTag(tag)
    if (kind === 'v') version = value
    else if (kind === 'i') id = value
    else if (kind === 'e') endpoints.push(value)
    else if (kind === 't') Object.assign(metadata, value)
    else if (kind === 'm') Object.assign(serviceMetadata, value)
  }
  return { version, endpoints, metadata, serviceMetadata, id }
}

/** S21: bytes that a tag may inflate to, and tags of one node that are looked at. */
const longest = 64 * 1024
const mostTags = 2000
const deepest = 64

type Tag =
  | { readonly kind: 'v' | 'i'; readonly value: string }
  | { readonly kind: 'e'; readonly value: Endpoint }
  | { readonly kind: 't' | 'm'; readonly value: Readonly<Record<string, string>> }
  | { readonly kind: 'none'; readonly value: undefined }

const none: Tag = { kind: 'none', value: undefined }

/** Most nodes of a service have the same tags, and every change brings them all again. */
const mostRemembered = 4096
const remembered = new Map<string, Tag>()

function readTag(text: string): Tag {
  const known = remembered.get(text)
  if (known !== undefined) return known
  const tag = decode(text)
  if (text.length > longest) return tag
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(text, tag)
  return tag
}

function decode(text: string): Tag {
  const kind = text[0]
  if (kind !== 'v' && kind !== 'i' && kind !== 'e' && kind !== 't' && kind !== 'm') return none
  const content = unpacked(text)
  if (content === undefined) return none
  if (kind === 'v' || kind === 'i') return { kind, value: content }
  if (deeperThan(deepest, Buffer.from(content))) return none
  try {
    const value: unknown = JSON.parse(content)
    return kind === 'e' ? { kind, value: parseEndpoint(value) } : { kind, value: pairs(value) }
  } catch {
    return none
  }
}

/** `-` stands before hex of zlib, `=` of the older form before plain text. */
function unpacked(tag: string): string | undefined {
  if (tag[1] === '=') return tag.length <= longest ? tag.slice(2) : undefined
  if (tag[1] !== '-' || !/^(?:[\da-f]{2})+$/i.test(tag.slice(2))) return undefined
  try {
    return inflateSync(Buffer.from(tag.slice(2), 'hex'), { maxOutputLength: longest }).toString()
  } catch {
    return undefined
  }
}

function packed(text: string): string {
  return deflateSync(text).toString('hex')
}

/** As Go writes JSON: what could end a script in a page is escaped. */
function goJson(value: object): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Without a prototype, so that `__proto__` is a key like any other. */
function pairs(value: unknown): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null)
  if (typeof value !== 'object' || value === null) return found
  for (const [key, member] of Object.entries(value)) if (typeof member === 'string') found[key] = member
  return found
}
