// A row's figures as a table, for the terminal and for Markdown.
import { number } from './numbers.mjs'

const gap = 3

export function textTable({ title, columns, targets, notes }) {
  const rows = Object.entries(targets).map(([name, target]) => [
    `  ${labelOf(name, target)}`,
    ...cellsOf(columns, target),
  ])
  const table = [[title, ...titlesOf(columns)], ...rows]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)) + gap)
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))
  return [...table.map((row) => row.map(pad).join('')), ...notes.map((note) => `  ! ${note}`)]
}

export function markdownTable({ title, columns, targets, notes }) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const lines = Object.entries(targets).map(([name, target]) =>
    line([labelOf(name, target), ...cellsOf(columns, target)]),
  )
  const head = [line([title, ...titlesOf(columns)]), line(['---', ...columns.map(() => '---:')])]
  const told = notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)]
  return [...head, ...lines, ...told]
}

const labelOf = (name, { errors = 0 }) => (errors > 0 ? `${name} (${errors} errors)` : name)
const titlesOf = (columns) => columns.map(({ title }) => title)
const cellsOf = (columns, target) => columns.map(({ key, digits }) => number(target[key], digits))
