/** The name that `text` was most likely meant to be, if one is near enough. Case, `-` and `_` count for nothing. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (text.length > 60) return undefined
  const wanted = plain(text)
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const name of names) {
    const distance = editDistance(wanted, plain(name))
    if (distance < least) [best, least] = [name, distance]
  }
  return best
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[-_]/g, '')
}

/** Letters to add, drop, change or swap with their neighbour. */
function editDistance(from: string, to: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      next.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    ;[beforeLast, last] = [last, next]
  }
  return last[to.length] ?? 0
}
