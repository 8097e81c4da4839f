import { readFileSync } from 'node:fs'
import type { ConfigError } from '../../errors.js'
import type { Position } from './position.js'
import { fileFault, type SourceContext } from './source.js'

const SYNTAX = /^ParseError: (.*?)\s*\n\s*(.+):(\d+):(\d+)\s*$/s
const FRAME = /^\s+at (?:.*\()?(?:file:\/\/)?(\/[^()]*?|[A-Za-z]:[\\/][^()]*?):(\d+):\d+\)?$/
const FOREIGN = /[\\/]node_modules[\\/]|^node:/

/** What a script threw, with the place in the user's own files; never a stack. */
export function scriptFault(error: unknown, file: string, context: SourceContext): ConfigError {
  if (!(error instanceof Error)) return fileFault(context.label(file), `it threw ${thrown(error)}`)
  const syntax = SYNTAX.exec(error.message)
  if (syntax !== null) {
    const [, message = '', path = file, line, column] = syntax
    return fileFault(context.label(path), message, { line: Number(line), column: Number(column) + 1 })
  }
  const message = `it threw ${error.name}: ${error.message.split('\nRequire stack:', 1)[0]}`
  const frame = userFrame(error.stack ?? '')
  if (frame === undefined) return fileFault(context.label(file), oneLine(message))
  return fileFault(context.label(frame.path), oneLine(message), frame.position)
}

function userFrame(stack: string): { path: string; position: Position } | undefined {
  for (const text of stack.split('\n')) {
    const [, path, line] = FRAME.exec(text) ?? []
    if (path !== undefined && !FOREIGN.test(path)) return { path, position: lineStart(path, Number(line)) }
  }
  return undefined
}

/** What jiti evaluates keeps its lines, but not its columns. */
function lineStart(path: string, line: number): Position {
  try {
    const text = readFileSync(path, 'utf8').split('\n')[line - 1] ?? ''
    return { line, column: text.search(/\S|$/) + 1 }
  } catch {
    return { line, column: 1 }
  }
}

function thrown(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : `a value that is no Error (${typeof value})`
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}
