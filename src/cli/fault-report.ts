import { relative, sep } from 'node:path'
import type { ConfigFault } from '../errors.js'
import { type Palette, printable } from './terminal.js'

/** Every fault with where it stands, what it is about and what is wrong, grouped by source. */
export function faultReport(faults: readonly ConfigFault[], cwd: string, paint: Palette): string {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  const blocks = grouped(faults).map((fault) => {
    const path = fault.path === '' ? '' : `${paint.bold(printable(fault.path))}: `
    return `  ${paint.cyan(printable(place(fault, cwd)))}\n    ${path}${printable(fault.message)}\n`
  })
  return `micro-sidecar: the configuration has ${count}\n\n${blocks.join('')}`
}

function grouped(faults: readonly ConfigFault[]): ConfigFault[] {
  const sources = [...new Set(faults.map((fault) => fault.source))]
  const rank = (fault: ConfigFault) => fault.line ?? 0
  return sources.flatMap((source) =>
    faults.filter((fault) => fault.source === source).toSorted((a, b) => rank(a) - rank(b)),
  )
}

function place(fault: ConfigFault, cwd: string): string {
  const inside = fault.source.startsWith(cwd + sep)
  const source = inside ? relative(cwd, fault.source) : fault.source
  return fault.line === undefined ? source : `${source}:${fault.line}:${fault.column ?? 1}`
}
