import type { ConfigFault } from '../errors.js'
import { type Palette, printable } from './terminal.js'

/** Every fault with where it stands, what it is about and what is wrong, grouped by source; `note`: what follows from it. */
export function faultReport(faults: readonly ConfigFault[], paint: Palette, note = ''): string {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  const blocks = grouped(faults).map((fault) => {
    const path = fault.path === '' ? '' : `${paint.bold(printable(fault.path))}: `
    return `  ${paint.cyan(printable(place(fault)))}\n    ${path}${printable(fault.message)}\n`
  })
  const where = faults.every(({ source }) => TYPED.test(source)) ? 'command line' : 'configuration'
  return `micro-sidecar: the ${where} has ${count}${note}\n\n${blocks.join('')}`
}

const TYPED = /^(?:flag |command line$)/

function grouped(faults: readonly ConfigFault[]): ConfigFault[] {
  const sources = [...new Set(faults.map((fault) => fault.source))]
  const rank = (fault: ConfigFault) => fault.line ?? 0
  return sources.flatMap((source) =>
    faults.filter((fault) => fault.source === source).toSorted((a, b) => rank(a) - rank(b)),
  )
}

/** The same in one line. */
export function faultLine(fault: ConfigFault): string {
  const path = fault.path === '' ? '' : `${fault.path}: `
  return printable(`${place(fault)} ${path}${fault.message}`)
}

function place({ source, line, column }: ConfigFault): string {
  return line === undefined ? source : `${source}:${line}:${column ?? 1}`
}
