import { without } from './header-list.js'

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
])

/** Lengths of those names as a bit set. */
const lengths = [...hopByHop].reduce((bits, name) => bits | (1 << name.length), 0)

/**
 * A node's answer headers without what ends at this hop: the fixed names, `Proxy-*` and whatever `Connection` names.
 * Flat in, flat out; order and spelling kept. `Trailer` is given back when trailers can be passed on.
 */
export function endToEnd(raw: readonly string[], keepTrailer: boolean): string[] {
  const kept: string[] = []
  let named: Set<string> | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = raw[i + 1] ?? ''
    if (!isHopByHop(name, keepTrailer)) kept.push(name, value)
    else if (name.length === 10) named = namesIn(name, value, named)
  }
  return named === undefined ? kept : without(kept, named)
}

function isHopByHop(name: string, keepTrailer: boolean): boolean {
  if (name.length < 32 && (lengths & (1 << name.length)) !== 0) {
    const lower = name.toLowerCase()
    if (hopByHop.has(lower)) return !(keepTrailer && lower === 'trailer')
  }
  return name.length > 6 && (name.charCodeAt(0) | 32) === 112 && name.slice(0, 6).toLowerCase() === 'proxy-'
}

function namesIn(name: string, value: string, named: Set<string> | undefined): Set<string> | undefined {
  if (value === 'keep-alive' || value === 'close' || name.toLowerCase() !== 'connection') return named
  const all = named ?? new Set<string>()
  for (const part of value.split(',')) all.add(part.trim().toLowerCase())
  all.delete('content-length')
  return all
}
