import type { Path } from '../path.js'
import { Literals } from './literals.js'
import { type Position, positionAt } from './position.js'
import { tokensOf } from './tokens.js'

/** Nobody writes a longer file by hand. */
const LONGEST = 1_000_000

/**
 * Where the keys of a script's or a JSON file's configuration stand: at the key, or at the element of a list. For
 * what another file holds or code makes, the nearest key above it; `undefined` where the file exports nothing.
 */
export function sourceLocator(source: string): (path: Path) => Position | undefined {
  let find: ((path: Path) => number | undefined) | undefined
  return (path) => {
    find ??= source.length > LONGEST ? () => undefined : finder(source)
    const offset = find(path)
    return offset === undefined ? undefined : positionAt(source, offset)
  }
}

function finder(source: string): (path: Path) => number | undefined {
  const tokens = tokensOf(source)
  const literals = new Literals(tokens)
  const root = literals.exported()
  return (path) => {
    if (root === undefined) return undefined
    let at = literals.literal(root)
    let found = at ?? root
    for (const key of path) {
      const place = at === undefined ? undefined : placeOf(literals, tokens[at]?.text === '[', at, key)
      if (place === undefined) break
      found = place.key
      at = literals.literal(place.value)
    }
    return tokens[found]?.start
  }
}

function placeOf(literals: Literals, isList: boolean, at: number, key: string) {
  if (!isList) return literals.member(at, key)
  const element = literals.elements(at)[Number(key)]
  return element === undefined ? undefined : { key: element, value: element }
}
