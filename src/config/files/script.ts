import { dirname, resolve } from 'node:path'
import type { Jiti } from 'jiti'
import { ConfigError } from '../../errors.js'
import { importedFiles } from './imports.js'
import { freshJiti, loadJiti } from './jiti.js'
import { sourceLocator } from './locate.js'
import { scriptFault } from './script-error.js'
import { fileFault, type Source, type SourceContext } from './source.js'
import { isTypeScript, transpiledScripts } from './transpiled.js'
import { startTranspiler, transpiled } from './transpiler.js'

export { startTranspiler }

/** Milliseconds in which a script's promise must settle. */
const PATIENCE = 30_000

/** TypeScript or JavaScript, through jiti. */
export async function scriptSource(file: string, text: string, context: SourceContext): Promise<Source> {
  if (isTypeScript(file)) startTranspiler()
  const options = { fsCache: false, moduleCache: false, interopDefault: false }
  const { createJiti } = loadJiti()
  const virtualModules = { 'micro-sidecar': await context.sdk() }
  const resolver = createJiti(file, options)
  const files = await importedFiles(file, text, (name, from) => resolved(resolver, name, from, context))
  for (const path of files.keys()) context.onRead(path)
  const transform = await transpiled(await transpiledScripts(files, context.isFresh))
  const jiti = context.isFresh ? freshJiti(file, new Set(files.keys())) : createJiti
  const value = await evaluate(jiti(file, { ...options, transform, virtualModules }), file, context)
  return { file, value, locate: sourceLocator(text) }
}

async function evaluate(jiti: Jiti, file: string, context: SourceContext): Promise<unknown> {
  const label = context.label(file)
  const load = async () => {
    const exported = await defaultExport(await jiti.import(file))
    return typeof exported === 'function' ? exported(context.call) : exported
  }
  const value = await settled(load, label).catch((error: unknown) => {
    throw error instanceof ConfigError ? error : scriptFault(error, file, context)
  })
  if (value === undefined) throw fileFault(label, 'it exports no configuration, allowed: export default { … }')
  return value
}

/** CommonJS has no default export: the whole is one. */
function defaultExport(exported: unknown): unknown {
  if (typeof exported !== 'object' || exported === null) return exported
  if ('default' in exported) return exported.default
  return '__esModule' in exported || Symbol.toStringTag in exported ? undefined : exported
}

/** The timer also keeps the process alive, which a promise alone does not. */
async function settled(load: () => Promise<unknown>, label: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((_, reject) => {
    const fault = fileFault(label, `what it exports did not settle within ${PATIENCE / 1000} s`)
    timer = setTimeout(() => reject(fault), PATIENCE)
  })
  return Promise.race([load(), timeout]).finally(() => clearTimeout(timer))
}

/** What is missing may come. */
function resolved(jiti: Jiti, name: string, from: string, context: SourceContext): string | undefined {
  const path = resolvedPath(jiti, name, from)
  if (path === undefined) for (const each of meantBy(name, from)) context.onRead(each)
  return path
}

function resolvedPath(jiti: Jiti, name: string, from: string): string | undefined {
  try {
    return jiti.esmResolve(name, { parentURL: from, try: true })?.replace(/^file:\/\//, '')
  } catch {
    return undefined
  }
}

function meantBy(name: string, from: string): readonly string[] {
  const path = resolve(dirname(from), name)
  const stem = path.replace(/\.[cm]?js$/, '')
  return [path, ...['.ts', '.js', '.mts', '.mjs', '.json'].map((extension) => stem + extension)]
}
