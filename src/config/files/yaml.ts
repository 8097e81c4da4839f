import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  parseDocument,
  visit,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml'
import { ConfigError } from '../../errors.js'
import type { Path } from '../path.js'
import { type Position, positionAt } from './position.js'
import { fileFault, type Source, type SourceContext } from './source.js'

/** YAML 1.2, with merge keys (`<<`). Aliases are followed up to a bound. */
export function yamlSource(file: string, text: string, context: SourceContext): Source {
  const source = context.label(file)
  const document = parseDocument(text, { prettyErrors: false, merge: true })
  const faults = problems(document).map(({ message, pos: [start] }) => {
    return {
      source,
      ...positionAt(text, start),
      path: '',
      message: `no valid YAML: ${problemText(message, text, start)}`,
    }
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return {
    file,
    value: plainValue(document, text, source),
    locate: (path) => locate(document, text, path),
  }
}

/** Of errors in the form the first alone: those behind it only follow from it. */
function problems({ errors, warnings }: Document.Parsed): (YAMLParseError | YAMLWarning)[] {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY')
  const twice = errors.filter(({ code }) => code === 'DUPLICATE_KEY')
  return first === undefined ? [...twice, ...warnings] : [first]
}

function problemText(message: string, text: string, start: number): string {
  return text.startsWith('${', start - 1)
    ? `a value with $\{…} inside { } or [ ] must stand in quotes`
    : firstLine(message)
}

function plainValue(document: Document, text: string, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const message = error instanceof Error ? firstLine(error.message) : String(error)
    const offset = unknownAlias(document)
    throw fileFault(source, `no valid YAML: ${message}`, offset === undefined ? undefined : positionAt(text, offset))
  }
}

function unknownAlias(document: Document): number | undefined {
  let offset: number | undefined
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined
      offset = alias.range?.[0]
      return visit.BREAK
    },
  })
  return offset
}

function locate(document: Document, text: string, path: Path): Position | undefined {
  let node: unknown = document.contents
  let offset = isCollection(node) ? node.range?.[0] : undefined
  for (const key of path) {
    const place = placeOf(isAlias(node) ? node.resolve(document) : node, key)
    if (place === undefined) break
    offset = place.offset ?? offset
    node = place.value
  }
  return offset === undefined ? undefined : positionAt(text, offset)
}

function placeOf(node: unknown, key: string): { offset: number | undefined; value: unknown } | undefined {
  if (!isCollection(node)) return undefined
  if (!isMap(node)) {
    const item = node.items[Number(key)]
    return item === undefined ? undefined : { offset: startOf(item), value: item }
  }
  const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === key)
  return pair === undefined ? undefined : { offset: startOf(pair.key), value: pair.value }
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}
