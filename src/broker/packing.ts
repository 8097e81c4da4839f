import type { Encoded, Form } from './encoded.js'

/** Messages that leave in one write. */
export interface Packing {
  readonly bytes: Buffer
  readonly count: number
}

/** All of a batch, in order: small ones together, up to `limit` bytes, and shared by all who write them. */
export function packed(batch: readonly Encoded[], form: Form, limit: number): readonly Packing[] {
  const packings: Packing[] = []
  let waiting: Buffer[] = []
  let size = 0
  for (const encoded of batch) {
    const bytes = encoded.in(form)
    if (size > 0 && size + bytes.length > limit) {
      packings.push(packing(waiting, size))
      waiting = []
      size = 0
    }
    waiting.push(bytes)
    size += bytes.length
  }
  packings.push(packing(waiting, size))
  return packings
}

function packing(waiting: readonly Buffer[], size: number): Packing {
  const [first] = waiting
  const bytes = waiting.length === 1 && first !== undefined ? first : Buffer.concat(waiting, size)
  return { bytes, count: waiting.length }
}
