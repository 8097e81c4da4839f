import { forwardingHeaders } from '../http/forwarding.js'
import type { Inbound } from '../http/inbound.js'
import { flatHeaders } from '../middleware/header-record.js'
import type { RequestContext } from '../middleware/request-context.js'

/** Said by the codec or true of the caller's connection only: an answer in gzip, say, could not be decoded here. */
const dropped: ReadonlySet<string> = new Set(['host', 'accept', 'content-type', 'accept-encoding', 'content-encoding'])

/** The caller's end-to-end headers as a call's metadata: several of one name become one, joined with a comma. */
export function metadataOf(inbound: Inbound, context: RequestContext | undefined): string[] {
  const { headers } = inbound.head
  const flat = context === undefined ? headers : flatHeaders(headers, context.headers)
  const metadata: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? ''
    const value = flat[i + 1] ?? ''
    const lower = name.toLowerCase()
    if (dropped.has(lower)) continue
    const before = indexOfName(metadata, lower)
    if (before < 0) metadata.push(name, value)
    else metadata[before + 1] = `${metadata[before + 1]},${value}`
  }
  metadata.push(...forwardingHeaders(inbound))
  return metadata
}

function indexOfName(flat: readonly string[], lower: string): number {
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? ''
    if (name.length === lower.length && name.toLowerCase() === lower) return i
  }
  return -1
}
