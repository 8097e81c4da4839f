import type { Inbound } from '../http/inbound.js'
import { endToEndTrailers } from '../http/trailers.js'

/** Passes a node's trailers on behind its body. */
export function addTrailers(inbound: Inbound, raw: readonly string[]): void {
  const trailers = endToEndTrailers(raw)
  const pairs: [string, string][] = []
  for (let i = 0; i < trailers.length; i += 2) pairs.push([trailers[i] ?? '', trailers[i + 1] ?? ''])
  try {
    inbound.response.addTrailers(pairs)
  } catch {
    // A trailer that Node refuses is dropped: the body before it is whole, and trailers are optional by their nature.
  }
}
