import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { workspace } from './workspace.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Loads each folder's configuration, changes its files, loads again: in a Node of its own, for a test's loads modules its own way. */
const PROGRAM = `
  import { writeFile } from 'node:fs/promises'
  import { join } from 'node:path'
  import { loadConfig } from './src/config/load.js'

  const results = []
  for (const { folder, changes } of JSON.parse(process.env.CASES)) {
    const read = new Set()
    const load = async (isReload) => {
      const options = { cwd: folder, env: {}, flags: new Map(), sdk: {}, isReload, onRead: (file) => read.add(file) }
      const { settings } = await loadConfig(options).catch((error) => ({ settings: { name: error.message } }))
      return settings.name + ' ' + settings.namespace
    }
    const seen = [await load(false)]
    for (const files of changes) {
      for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
      seen.push(await load(true))
    }
    results.push(seen.join(', ') + ': ' + read.size + ' files')
  }
  console.log(JSON.stringify(results))
  process.exit()
`

/** A configuration that takes its namespace from another file, at its n-th writing. */
function written(type: string, kind: string, part: string, n: number): Record<string, string> {
  const isModule = kind !== 'cjs' && (kind !== 'js' || type === 'module')
  const isExport = !['js', 'cjs'].includes(part) || (part === 'js' && type === 'module')
  const value = part === 'json' ? `{ "n": "n${n}" }` : isExport ? `export const n = 'n${n}'` : `exports.n = 'n${n}'`
  const attributes = part === 'json' && /js$/.test(kind) ? " with { type: 'json' }" : ''
  const binding = part === 'json' ? 'part' : '* as part'
  const taken = `{ namespace: part.n ?? part.default.n, name: 'c${n}' }`
  const config = isModule
    ? `import ${binding} from './part.${part}'${attributes}\nexport default ${taken}`
    : `const part = require('./part.${part}')\nmodule.exports = ${taken}`
  return { [`part.${part}`]: value, [`micro.config.${kind}`]: config }
}

const kinds = [
  ...['ts', 'mts', 'cts', 'mjs'].flatMap((kind) =>
    ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((part) => [kind, part] as const),
  ),
  ['cjs', 'cjs'],
  ['cjs', 'json'],
  ['js', 'js'],
  ['js', 'json'],
] as const

test('R22: a reload sees every change, of the file and of what it imports, whatever kinds they are', async () => {
  const cases = ['module', 'commonjs'].flatMap((type) => kinds.map(([kind, part]) => ({ type, kind, part })))
  const folder = await workspace({})
  const asked = await Promise.all(
    cases.map(async ({ type, kind, part }) => {
      const own = join(folder, `${type}-${kind}-${part}`)
      await mkdir(own)
      const files = { 'package.json': JSON.stringify({ type }), ...written(type, kind, part, 1) }
      for (const [name, content] of Object.entries(files)) await writeFile(join(own, name), content)
      return { folder: own, changes: [2, 3].map((n) => written(type, kind, part, n)) }
    }),
  )
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: root },
    ...{ bundle: true, write: false, platform: 'node', format: 'esm', packages: 'external' },
  })
  const env = { ...process.env, CASES: JSON.stringify(asked) }
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(outputFiles[0]?.text)
  const results: string[] = JSON.parse(await text(child.stdout))
  const named = results.map((result, at) => `${asked[at]?.folder.slice(folder.length + 1)}: ${result}`)
  expect(named).toEqual(cases.map(({ type, kind, part }) => `${type}-${kind}-${part}: c1 n1, c2 n2, c3 n3: 2 files`))
})
