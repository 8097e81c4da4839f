import { allowedText, listed } from './allowed.js'
import type { Path } from './path.js'
import type { BrokenRule } from './rules.js'
import { SCHEMA } from './schema.generated.js'
import { nodeAt, type SchemaNode, takes } from './schema.js'
import type { SlotChoice } from './settings.js'
import { quoted, shown } from './shown.js'
import { UNAVAILABLE } from './unavailable.js'

type Named = SlotChoice<object> & { readonly kind: 'named' }

/** Of what is built in: one of these it must be given. */
const NEEDED: ReadonlyMap<string, readonly string[]> = new Map([['static', ['services', 'file']]])

/** What is wrong with the options of something built in. */
export function optionRules(choice: Named, path: Path): readonly BrokenRule[] {
  const known = Object.entries(nodeAt(SCHEMA, path)?.properties ?? {})
  const taken = known.filter(([, node]) => node.of?.includes(choice.name)).map(([option]) => option)
  const wrong = Object.entries(choice.options).flatMap(([option, value]) => {
    const place = [...path, option]
    const message = optionFault(choice.name, taken, taken.includes(option), nodeAt(SCHEMA, place), value)
    return message === undefined ? [] : [{ path: place, reads: [path], message }]
  })
  return [...wrong, ...missing(choice, path)]
}

function optionFault(
  name: string,
  taken: readonly string[],
  isTaken: boolean,
  node: SchemaNode | undefined,
  value: unknown,
): string | undefined {
  if (!isTaken || node === undefined) {
    const reason = node?.available === false ? `${UNAVAILABLE}: ` : 'unknown key; '
    return `${reason}${quoted(name)} takes ${taken.length === 0 ? 'no options' : listed(taken)}`
  }
  const isRight = takes(node, Array.isArray(value) ? 'array' : typeof value) && value !== ''
  return isRight ? undefined : `found ${shown(value, node.secret)}, allowed: ${allowedText(node)}`
}

function missing({ name, options }: Named, path: Path): readonly BrokenRule[] {
  const needed = NEEDED.get(name)
  if (needed === undefined || needed.some((option) => Object.hasOwn(options, option))) return []
  return [{ path, reads: [path], message: `${quoted(name)} needs ${needed.join(' or ')}, or both` }]
}
