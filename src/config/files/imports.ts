import { readFile } from 'node:fs/promises'
import { stringOf, tokensOf } from './tokens.js'

const SCRIPT = /\.[cm]?[jt]s$/
const MANY = 1000

/** The file and all that it imports by a relative path, and what those import; each script with its text. */
export async function importedFiles(
  file: string,
  text: string,
  resolve: (name: string, from: string) => string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const visit = async (from: string, source: string): Promise<void> => {
    found.set(from, source)
    for (const name of importedNames(source)) {
      const path = resolve(name, from)
      if (path === undefined || found.has(path) || found.size > MANY) continue
      await visit(path, SCRIPT.test(path) ? await readFile(path, 'utf8').catch(() => '') : '')
    }
  }
  await visit(file, text)
  return found
}

/** What stands behind `from`, `import` and in `import(…)` and `require(…)`. */
function importedNames(source: string): readonly string[] {
  const tokens = tokensOf(source)
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'string') return []
    const before = tokens[at - 1]?.text === '(' ? tokens[at - 2]?.text : tokens[at - 1]?.text
    const isImport = before === 'from' || before === 'import' || before === 'require'
    return isImport && /^[./]/.test(stringOf(token)) ? [stringOf(token)] : []
  })
}
