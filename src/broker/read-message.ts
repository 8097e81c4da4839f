import type { Message } from './broker.js'

/**
 * A message in go-micro's form, `{"Header":{…},"Body":"<base64>"}`, as Go reads it: the case of the two names does not
 * count, either may be missing or null. `undefined` for anything else, which is no message.
 */
export function readMessage(bytes: Uint8Array): Message | undefined {
  const parts = partsOf(parsed(bytes))
  if (parts === undefined) return undefined
  const body = bodyOf(parts.body)
  const header = headerOf(parts.header)
  return body === undefined || header === undefined ? undefined : { header, body }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

/** An object with neither is somebody else's: as a message it would be an empty one. */
function partsOf(value: unknown): { readonly header: unknown; readonly body: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  let found = false
  const parts: { header: unknown; body: unknown } = { header: null, body: null }
  for (const [name, part] of Object.entries(value)) {
    const known = name.toLowerCase()
    if (known !== 'header' && known !== 'body') continue
    parts[known] = part
    found = true
  }
  return found ? parts : undefined
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

function bodyOf(part: unknown): Buffer | undefined {
  if (part === null) return Buffer.alloc(0)
  return typeof part === 'string' && part.length % 4 === 0 && base64.test(part)
    ? Buffer.from(part, 'base64')
    : undefined
}

function headerOf(part: unknown): Message['header'] | undefined {
  const header: Record<string, string> = Object.create(null)
  if (part === null) return header
  if (typeof part !== 'object' || Array.isArray(part)) return undefined
  for (const [name, value] of Object.entries(part)) {
    if (typeof value !== 'string') return undefined
    header[name] = value
  }
  return header
}
