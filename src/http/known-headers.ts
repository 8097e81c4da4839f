/**
 * What the sidecar does not simply pass on. `hop-by-hop` ends here; `look-alike` is read like a framing header by
 * some servers (`Transfer_Encoding`); the others stand for themselves.
 */
export type KnownHeader =
  | 'hop-by-hop'
  | 'look-alike'
  | 'connection'
  | 'host'
  | 'te'
  | 'transfer-encoding'
  | 'content-length'
  | 'expect'
  | 'upgrade'
  | 'via'
  | 'forwarded'
  | 'x-forwarded-for'
  | 'x-forwarded-host'
  | 'x-forwarded-proto'
  | 'x-request-id'
  | 'timeout'
  | 'micro-timeout-ms'
  | 'grpc-timeout'
  | 'micro-attempt'
  | 'content-type'

const themselves: readonly KnownHeader[] = [
  'connection',
  'host',
  'te',
  'transfer-encoding',
  'content-length',
  'expect',
  'upgrade',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
  'timeout',
  'micro-timeout-ms',
  'grpc-timeout',
  'micro-attempt',
  'content-type',
]

const known = new Map<string, KnownHeader>([
  ...themselves.map((name): [string, KnownHeader] => [name, name]),
  ['keep-alive', 'hop-by-hop'],
  ['proxy-connection', 'hop-by-hop'],
  ['proxy-authorization', 'hop-by-hop'],
  ['proxy-authenticate', 'hop-by-hop'],
  ['transfer_encoding', 'look-alike'],
  ['content_length', 'look-alike'],
])

/** Lengths of the known names as a bit set: most headers are told apart from them by their length alone. */
const lengths = [...known.keys()].reduce((bits, name) => bits | (1 << name.length), 0)

/** Which known header this is, by its name in any spelling; `undefined` for one that is passed on. */
export function knownHeader(name: string): KnownHeader | undefined {
  if (name.length < 32 && (lengths & (1 << name.length)) !== 0) {
    const found = known.get(name.toLowerCase())
    if (found !== undefined) return found
  }
  return isProxyHeader(name) ? 'hop-by-hop' : undefined
}

/** Any other `Proxy-…` header speaks to this hop as well. */
export function isProxyHeader(name: string): boolean {
  return name.length > 6 && (name.charCodeAt(0) | 32) === 112 && name.slice(0, 6).toLowerCase() === 'proxy-'
}
