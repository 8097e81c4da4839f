import { readFile } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { ConfigError } from '../../errors.js'
import { fileFault, type Loader, type Source, type SourceContext } from './source.js'

const SCRIPTS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']
const READING_ERRORS = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'it may not be read: permission denied (EACCES)'],
  ['EPERM', 'it may not be read: permission denied (EPERM)'],
  ['EISDIR', 'it is no file'],
])

/** Parsers and jiti are loaded with the first file that needs them. */
const json: Loader = async (...input) => (await import('./json.js')).jsonSource(...input)
const yaml: Loader = async (...input) => (await import('./yaml.js')).yamlSource(...input)
const script: Loader = async (...input) => (await import('./script.js')).scriptSource(...input)
const packageJson: Loader = async (...input) => (await import('./json.js')).packageSource(...input)

/** The loader by the end of a file's name; a name without one, as `.microrc`, holds YAML or JSON. */
export const LOADERS: ReadonlyMap<string, Loader> = new Map([
  ['.json', json],
  ...['.yaml', '.yml', ''].map((extension): [string, Loader] => [extension, yaml]),
  ...SCRIPTS.map((extension): [string, Loader] => [extension, script]),
])

/** Reads the file that was named. */
export async function readSource(path: string, cwd: string, context: SourceContext): Promise<Source> {
  const file = resolve(cwd, path)
  context.onRead(file)
  const text = await readText(file, context)
  const loader = loaderOf(file)
  if (loader === undefined) {
    const known = [...LOADERS.keys()].filter((extension) => extension !== '').join(', ')
    throw fileFault(context.label(file), `no known kind of file, allowed: a name that ends in ${known}`)
  }
  const source = await load(loader, file, text, context)
  if (source.value === undefined) throw emptyFault(file, context)
  return source
}

export async function load(loader: Loader, file: string, text: string, context: SourceContext): Promise<Source> {
  if (basename(file) !== 'package.json') context.onRead(file)
  const source = text.trim() === '' ? undefined : await loader(file, text, context)
  if (source === undefined || source.value === null) throw emptyFault(file, context)
  return source
}

export function loaderOf(file: string): Loader | undefined {
  return basename(file) === 'package.json' ? packageJson : LOADERS.get(extname(file))
}

export function readingFault(file: string, error: unknown, context: SourceContext) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return fileFault(context.label(file), READING_ERRORS.get(code) ?? `it cannot be read (${code || String(error)})`)
}

async function readText(file: string, context: SourceContext): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw readingFault(file, error, context)
  }
}

export function emptyFault(file: string, context: SourceContext): ConfigError {
  const isPackage = basename(file) === 'package.json'
  const message = isPackage ? 'it has no key "micro"' : 'it is empty, allowed: a configuration, at least {}'
  return fileFault(context.label(file), message)
}
