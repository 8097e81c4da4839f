import type { Message } from '../../broker/broker.js'
import { isProxyHeader } from '../../http/known-headers.js'

/** Of the connection that a publisher happens to use, or a secret between it and this sidecar. */
const dropped: ReadonlySet<string> = new Set([
  ...['authorization', 'cookie', 'cookie2', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'host', 'content-length', 'expect', 'http2-settings'],
  ...['key', 'version', 'extensions', 'protocol', 'accept'].map((part) => `sec-websocket-${part}`),
])

/** Lengths of those names as a bit set: most headers are told apart from them by their length alone. */
const lengths = [...dropped].reduce((bits, name) => bits | (1 << name.length), 0)

/** What even `Connection` cannot make a matter of the connection. */
const ownRight: ReadonlySet<string> = new Set(['content-type', 'via', 'forwarded', 'x-request-id'])

/** The message's header of a publisher's raw headers: spelling kept, several of one name joined with a comma and a space. */
export function messageHeader(rawHeaders: readonly string[]): Message['header'] {
  const header: Record<string, string> = Object.create(null)
  const names: string[] = []
  let named: ReadonlySet<string> | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const value = rawHeaders[i + 1] ?? ''
    if (isDropped(name)) {
      if (name.length === 10 && name.toLowerCase() === 'connection') named = namedBy(value, named)
    } else add(header, names, name, readable(value))
  }
  if (named !== undefined) for (const name of names) if (named.has(name.toLowerCase())) delete header[name]
  return header
}

function isDropped(name: string): boolean {
  const length = name.length
  if (length < 32 && (lengths & (1 << length)) !== 0 && dropped.has(name.toLowerCase())) return true
  return isProxyHeader(name)
}

function add(header: Record<string, string>, names: string[], name: string, value: string): void {
  const before = spelling(header, names, name)
  if (before === undefined) {
    names.push(name)
    header[name] = value
  } else header[before] = `${header[before]}, ${value}`
}

/** As the name stands in the header already. */
function spelling(header: Message['header'], names: readonly string[], name: string): string | undefined {
  if (header[name] !== undefined) return name
  const { length } = name
  let lower: string | undefined
  for (const candidate of names) {
    if (candidate.length !== length) continue
    lower ??= name.toLowerCase()
    if (candidate.toLowerCase() === lower) return candidate
  }
  return undefined
}

/** `keep-alive`, `close` and the like name no header that is there. */
function namedBy(value: string, before: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  if (value === 'keep-alive' || value === 'close') return before
  const names = value.split(',').map((name) => name.trim().toLowerCase())
  return new Set([
    ...(before ?? []),
    ...names.filter((name) => !ownRight.has(name) && !name.startsWith('x-forwarded-')),
  ])
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Node reads a header's bytes as Latin-1; where they are UTF-8, as other languages' clients send it, they are read so. */
function readable(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value
  try {
    return decoder.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}
