import { allowedText, knownKeys, listed } from './allowed.js'
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
    const node = nodeAt(SCHEMA, place)
    const faults =
      taken.includes(option) && node !== undefined
        ? valueFaults(node, value, place)
        : [{ path: place, message: unknownText(`${quoted(choice.name)} takes`, taken, node) }]
    return faults.map((fault) => ({ ...fault, reads: [path] }))
  })
  return [...wrong, ...missing(choice, path)]
}

interface Fault {
  readonly path: Path
  readonly message: string
}

/** Options stand in no validator, for a plugin's may be anything. */
function valueFaults(node: SchemaNode, value: unknown, path: Path): readonly Fault[] {
  const isOfType = takes(node, Array.isArray(value) ? 'array' : typeof value) && value !== ''
  if (!isOfType || node.enum?.includes(value) === false) {
    return [{ path, message: `found ${shown(value, node.secret)}, allowed: ${allowedText(node)}` }]
  }
  const { properties } = node
  if (properties === undefined || typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, key]
    if (Object.hasOwn(properties, key)) return valueFaults(properties[key] ?? {}, inner, place)
    return [{ path: place, message: unknownText('allowed:', knownKeys(node), undefined) }]
  })
}

function unknownText(lead: string, taken: readonly string[], node: SchemaNode | undefined): string {
  const reason = node?.available === false ? `${UNAVAILABLE}: ` : 'unknown key; '
  return `${reason}${lead} ${taken.length === 0 ? 'no options' : listed(taken)}`
}

function missing({ name, options }: Named, path: Path): readonly BrokenRule[] {
  const needed = NEEDED.get(name)
  if (needed === undefined || needed.some((option) => Object.hasOwn(options, option))) return []
  return [{ path, reads: [path], message: `${quoted(name)} needs ${needed.join(' or ')}, or both` }]
}
