import type { ConfigError } from '../../errors.js'
import { fileFault, type SourceContext } from './source.js'

const SYNTAX = /^ParseError: (.*?)\s*\n\s*(.+):(\d+):(\d+)\s*$/s
const FRAME = /^\s+at (?:.*\()?(?:file:\/\/)?(\/[^()]*?|[A-Za-z]:[\\/][^()]*?):(\d+):(\d+)\)?$/
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
  return fileFault(context.label(frame.path), oneLine(message), { line: frame.line, column: frame.column })
}

function userFrame(stack: string) {
  for (const text of stack.split('\n')) {
    const [, path, line, column] = FRAME.exec(text) ?? []
    if (path !== undefined && !FOREIGN.test(path)) return { path, line: Number(line), column: Number(column) }
  }
  return undefined
}

function thrown(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : `a value that is no Error (${typeof value})`
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim()
}
