import { pushForwardingHeaders } from '../http/forwarding.js'
import type { Inbound } from '../http/inbound.js'
import { flatHeaders } from '../middleware/header-record.js'
import type { RequestContext } from '../middleware/request-context.js'

/**
 * Said by the codec, or true of the caller's connection only: an answer in gzip, say, could not be decoded here. The
 * names of go-micro's own protocol would make another call of this one: a `Micro-Topic` turns it into an event.
 */
const dropped: ReadonlySet<string> = new Set([
  ...['host', 'accept', 'content-type', 'accept-encoding', 'content-encoding'],
  ...['id', 'service', 'method', 'endpoint', 'topic', 'stream', 'error'].flatMap((x) => [`micro-${x}`, `x-micro-${x}`]),
])

/** Lengths of those names as a bit set. */
const lengths = [...dropped].reduce((bits, name) => bits | (1 << name.length), 0)

/** The caller's end-to-end headers as a call's metadata: several of one name become one, joined with a comma. */
export function metadataOf(inbound: Inbound, context: RequestContext | undefined): string[] {
  const { headers } = inbound.head
  const flat = context === undefined ? headers : flatHeaders(headers, context.headers)
  const metadata: string[] = []
  pushForwardingHeaders(metadata, inbound)
  const own = metadata.length
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? ''
    const value = flat[i + 1] ?? ''
    if (isDropped(name)) continue
    const before = indexOfName(metadata, own, name)
    if (before < 0) metadata.push(name, value)
    else metadata[before + 1] = `${metadata[before + 1]},${value}`
  }
  return metadata
}

function isDropped(name: string): boolean {
  return name.length < 32 && (lengths & (1 << name.length)) !== 0 && dropped.has(name.toLowerCase())
}

function indexOfName(flat: readonly string[], from: number, name: string): number {
  for (let i = from; i < flat.length; i += 2) {
    const candidate = flat[i] ?? ''
    if (candidate.length !== name.length) continue
    if (candidate === name || candidate.toLowerCase() === name.toLowerCase()) return i
  }
  return -1
}
