import { open, readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError } from '../../errors.js'
import { emptyFault, LOADERS, load, loaderOf, readingFault } from './read-file.js'
import { fileFault, type Source, type SourceContext } from './source.js'
import { isTypeScript } from './transpiled.js'

const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml']
const PLACES = [
  ...EXTENSIONS.map((extension) => `micro.config.${extension}`),
  '.microrc',
  ...['json', 'yaml', 'yml', 'ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((extension) => `.microrc.${extension}`),
  'package.json',
]

/** Where a configuration may stand in a folder. */
export function configPlaces(folder: string): readonly string[] {
  return PLACES.map((place) => join(folder, place))
}

/** The first configuration from `cwd` upwards, to the home folder or the root. */
export async function findSource(cwd: string, context: SourceContext): Promise<Source | undefined> {
  for (const folder of foldersUp(cwd)) {
    const places = await placesIn(folder)
    for (const place of places) await checkReadable(join(folder, place), context)
    if (isTypeScript(places[0] ?? '')) (await import('./script.js')).startTranspiler()
    const source = places.length === 0 ? undefined : await search(folder, places, context)
    if (source !== undefined) return source
  }
  return undefined
}

/** The folder itself may not be readable; then nothing in it can be meant. */
async function placesIn(folder: string): Promise<readonly string[]> {
  const names = new Set(await readdir(folder).catch(() => []))
  return PLACES.filter((place) => names.has(place))
}

/** cosmiconfig takes what it may not read, and a folder, for no configuration. */
async function checkReadable(file: string, context: SourceContext): Promise<void> {
  try {
    if (!(await stat(file)).isFile()) throw fileFault(context.label(file), 'it is no file')
    await (await open(file)).close()
  } catch (error) {
    throw error instanceof ConfigError ? error : readingFault(file, error, context)
  }
}

async function search(folder: string, places: readonly string[], context: SourceContext): Promise<Source | undefined> {
  const { cosmiconfig } = await import('cosmiconfig')
  let found: Source | undefined
  const loader = async (file: string, text: string) => {
    const read = loaderOf(file)
    const source = read === undefined ? undefined : await load(read, file, text, context)
    if (source?.value !== undefined) found = source
    // cosmiconfig itself looks for the key in a package.json.
    return basename(file) === 'package.json' ? { micro: found } : found
  }
  const loaders = Object.fromEntries([...LOADERS.keys()].map((extension) => [extension || 'noExt', loader]))
  const options = { searchPlaces: [...places], loaders, cache: false, ignoreEmptySearchPlaces: false }
  try {
    const result = await cosmiconfig('micro', options).search(folder)
    if (result?.isEmpty) throw emptyFault(result.filepath, context)
    return found
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw fileFault(
      context.label(folder),
      `no configuration can be looked for here: ${String(error).split('\n', 1)[0]}`,
    )
  }
}

function* foldersUp(cwd: string): Generator<string> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    yield folder
    if (folder === homedir() || folder === dirname(folder)) return
  }
}
