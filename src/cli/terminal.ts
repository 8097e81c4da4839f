import { colorful } from '../telemetry/stream-log.js'

export interface Palette {
  bold(text: string): string
  dim(text: string): string
  cyan(text: string): string
  red(text: string): string
}

/** Colours on a terminal; plain text where `NO_COLOR` is set, and everywhere else. */
export function palette(stream: object): Palette {
  const on = colorful(stream)
  const paint = (code: number) => (text: string) => (on ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { bold: paint(1), dim: paint(2), cyan: paint(36), red: paint(31) }
}

/** Says why the command failed, in one line, and gives the exit code for it. */
export function complain(what: string): number {
  process.stderr.write(`micro-sidecar: ${printable(what)}\n`)
  return 1
}

/** A text from elsewhere in one line, without what moves a terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}
