import { isIPv6 } from 'node:net'
import type { Target } from '../transport/transport.js'

/** Reads `host:port` or `[ipv6]:port`; `undefined` for anything else. Whether it may be called is decided elsewhere. */
export function parseTarget(text: string): Target | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9._-]+)):([0-9]{1,5})$/.exec(text)
  if (match === null) return undefined
  const [, bracketed, plain, digits] = match
  const address = bracketed ?? plain ?? ''
  const port = Number(digits)
  if (port < 1 || port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) return undefined
  return { address, port }
}
