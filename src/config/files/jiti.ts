import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Jiti, JitiOptions } from 'jiti'

const require = createRequire(import.meta.url)

/** Required where it is used: an import reads its long text twice, for 4 MB and 15 ms. */
export function loadJiti(): typeof import('jiti') {
  return require('jiti')
}

type CreateJiti = (
  file: string,
  options: JitiOptions,
  ways: {
    readonly onError: (error: Error) => never
    readonly nativeImport: (id: string) => Promise<unknown>
    readonly createRequire: typeof createRequire
  },
) => Jiti

/**
 * Makes a jiti that evaluates these files anew. What Node has loaded once as a module it gives again, changed or not: a
 * native import is refused, for which jiti transpiles the file itself, and what was required is forgotten.
 */
export function freshJiti(file: string, own: ReadonlySet<string>): (file: string, options: JitiOptions) => Jiti {
  const { cache } = createRequire(file)
  for (const path of own) delete cache[path]
  const create: CreateJiti = require(join(dirname(require.resolve('jiti')), '../dist/jiti.cjs'))
  const nativeImport = (id: string) => (own.has(pathOf(id)) ? Promise.reject(new Error(`known: ${id}`)) : import(id))
  return (from, options) => create(from, options, { onError, nativeImport, createRequire })
}

function pathOf(id: string): string {
  return id.startsWith('file:') ? fileURLToPath(id) : id
}

function onError(error: Error): never {
  throw error
}

/** What jiti transforms with: a function as its option `transform`, in a file of its own. */
export function babelPath(): string {
  return join(dirname(require.resolve('jiti')), '../dist/babel.cjs')
}
