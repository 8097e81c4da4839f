// Writes what was measured into the documentation: figures and tables between two marks, and the picture beside them.
import { readFileSync, writeFileSync } from 'node:fs'
import { goalTable } from './goal-lines.mjs'
import { picture } from './picture.mjs'
import { markdownTable } from './tables.mjs'

const page = new URL('../../docs/speed.md', import.meta.url)
const drawing = new URL('../../docs/speed.svg', import.meta.url)
const marks = ['<!-- measured: begin -->', '<!-- measured: end -->']

export function writeDocs({ head, results, goals }) {
  const tables = Object.values(results).flatMap((row) => [...markdownTable(row), ''])
  const image = '![CPU time, added latency and throughput beside the peers](speed.svg)'
  const lines = [...head.map((line) => `${line}  `), '', image, '', ...goalTable(goals), '', ...tables]
  writeFileSync(page, replaced(readFileSync(page, 'utf8'), lines.join('\n')))
  writeFileSync(drawing, picture(results))
}

/** The text with what stands between the marks replaced. */
export function replaced(text, measured) {
  const [begin, end] = marks.map((mark) => text.indexOf(mark))
  if (begin < 0 || end < begin) throw new Error(`docs/speed.md has no ${marks.join(' and ')}`)
  return `${text.slice(0, begin + marks[0].length)}\n\n${measured}\n${text.slice(end)}`
}
