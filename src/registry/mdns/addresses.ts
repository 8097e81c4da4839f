import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { refusal } from '../json-fields.js'
import type { Node } from '../registry.js'

const longestWait = 2000
const mostAddresses = 8

/** mDNS tells addresses, not names: a node's own, or those that its name leads to now. */
export async function addressesOf(node: Node): Promise<readonly string[]> {
  if (isIP(node.address) !== 0) return [node.address]
  const found = await Promise.race([resolved(node.address), wait(longestWait, [], { ref: false })])
  if (found.length > 0) return found.slice(0, mostAddresses)
  throw refusal(`mdns announces IP addresses, and no address is found for ${node.address} of node ${node.id}`)
}

async function resolved(name: string): Promise<readonly string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}
