/** 32 bits of a text. */
export function hashOf(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixed(hash)
}

/**
 * Rendezvous: each name bids for the key and the highest bid wins, so that when one leaves only its own keys move, to
 * all others alike. Returns the winner's index. `shares`: how much each is to win; left out: all the same.
 */
export function winner(
  key: number,
  names: readonly { readonly hash: number }[],
  shares: readonly { readonly weight: number }[] | undefined,
): number {
  let found = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < names.length; i++) {
    const chance = mixed((names[i] as { hash: number }).hash ^ key)
    const bid = shares === undefined ? chance : weightedBid(chance, (shares[i] as { weight: number }).weight)
    if (bid > highest) {
      highest = bid
      found = i
    }
  }
  return found
}

/** Minus the time until the first of events that come at the rate of the weight: who is first with what chance is known. */
function weightedBid(chance: number, weight: number): number {
  return Math.log((chance + 0.5) / 0x1_0000_0000) / weight
}

/** Each bit of the input moves half of the output's. */
function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
