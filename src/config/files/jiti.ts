import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** Required where it is used: an import reads its long text twice, for 4 MB and 15 ms. */
export function loadJiti(): typeof import('jiti') {
  return require('jiti')
}

/** What jiti transforms with: a function as its option `transform`, in a file of its own. */
export function babelPath(): string {
  return join(dirname(require.resolve('jiti')), '../dist/babel.cjs')
}
