import { readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { Script } from './transpiler.js'

const SCRIPT = /\.[cm]?[jt]s$/
const ESM = /\b(?:im|ex)port\b/

export function isTypeScript(path: string): boolean {
  return /\.[cm]?ts$/.test(path)
}

/**
 * Those of the files that jiti will not leave to Node: TypeScript, and ES modules that no package says to be ones; all
 * scripts where Node must not be asked, since it knows them from before.
 */
export async function transpiledScripts(
  files: ReadonlyMap<string, string>,
  isFresh: boolean,
): Promise<readonly Script[]> {
  const scripts: Script[] = []
  for (const [filename, source] of files) {
    const ts = isTypeScript(filename)
    const isModule = extname(filename) === '.js' && ESM.test(source) && !(await isInModulePackage(filename))
    if (ts || isModule || (isFresh && SCRIPT.test(filename))) scripts.push({ filename, source, ts })
  }
  return scripts
}

async function isInModulePackage(file: string): Promise<boolean> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
    if (manifest !== undefined) return /"type"\s*:\s*"module"/.test(manifest)
    if (folder === dirname(folder)) return false
  }
}
