import type { MetricFamily, MetricSample } from './family.js'

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** Characters. */
const pieceSize = 65_536

/** The families in Prometheus' text format, in pieces that no event loop notices. */
export function* exposition(families: Iterable<MetricFamily>): Generator<string, void> {
  let text = ''
  for (const family of families) {
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`
    for (const sample of family.samples) {
      text += line(family.name, sample)
      if (text.length < pieceSize) continue
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

function line(name: string, { suffix, labels = {}, value }: MetricSample): string {
  let pairs = ''
  for (const label of Object.keys(labels))
    pairs += `${pairs === '' ? '' : ','}${label}="${escapeValue(labels[label] ?? '')}"`
  return `${name}${suffix ?? ''}${pairs === '' ? '' : `{${pairs}}`} ${number(value)}\n`
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeValue(text: string): string {
  return /^[\w.:/ -]*$/.test(text) ? text : text.replace(/[\\"\n]|\p{Surrogate}/gu, escaped)
}

/** Half a surrogate pair is no UTF-8, and all that are would look alike. */
function escaped(character: string): string {
  if (character === '\n') return '\\n'
  return character === '\\' || character === '"' ? `\\${character}` : `\\\\u${character.charCodeAt(0).toString(16)}`
}
