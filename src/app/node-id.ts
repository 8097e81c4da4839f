import { createHash } from 'node:crypto'

/** A namespace of this program's own for name-based UUIDs. */
const namespace = Buffer.from('5f1c0a7e6a7b4a0f9d0e2b61c3a4d872', 'hex')

/**
 * `NAME-<uuid>`, the uuid made of name and advertised address (version 5): a sidecar that was killed registers the same
 * node when it starts again, where a random one would leave the old node beside the new until its time is over.
 */
export function nodeId(name: string, address: string): string {
  const hash = createHash('sha1').update(namespace).update(`${name}\0${address}`).digest().subarray(0, 16)
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const uuid = hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return `${name}-${uuid}`
}
