import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'tsup'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder = ''

/** The room as it is shipped: bundled, its dependencies beside it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'micro-config-bundle-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(
    join(folder, 'index.js'),
    "export const defineConfig = (config) => config\nexport const mine = 'bundled'\n",
  )
  const entry = {
    resolve: join(root, 'src/config/resolve.ts'),
    load: join(root, 'src/config/load.ts'),
    arguments: join(root, 'src/config/arguments.ts'),
  }
  const common = { config: false, silent: true, target: 'node20', outDir: folder, dts: false, splitting: true } as const
  await build({ ...common, entry, format: ['esm'], outExtension: () => ({ js: '.mjs' }) })
  await build({ ...common, entry: { resolve: entry.resolve }, format: ['cjs'], outExtension: () => ({ js: '.cjs' }) })
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(flags: readonly string[], code: string, ...words: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, '--input-type=module', '-e', code, ...words],
    {
      cwd: folder,
      env: { PATH: process.env.PATH },
    },
  )
  return JSON.parse(stdout)
}

const PERMISSION = ['--permission', '--experimental-permission'].find((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
)
const WITHOUT_PROCESSES = [PERMISSION ?? '--permission', '--allow-fs-read=*']
const STRICT = ['--disallow-code-generation-from-strings', '--throw-deprecation']

test.each(['resolve.mjs', 'resolve.cjs'])('S22: %s checks without compiling code', async (file) => {
  const code = `
    import { resolveConfig } from './${file}'
    const settings = resolveConfig({ client: { retries: 4 } }, { env: {} })
    let faults
    try { resolveConfig({ nmae: 1, address: 'x' }, { env: {} }) } catch (error) { faults = error.faults.length }
    console.log(JSON.stringify([settings.client.retries, faults]))`
  expect(await run(STRICT, code)).toEqual([4, 2])
})

test.each([
  [
    'micro.config.ts',
    "import { mine } from 'micro-sidecar'\nenum N { A = 'a' }\nexport default { name: N.A, namespace: mine }",
  ],
  [
    'micro.config.mjs',
    "import { defineConfig, mine } from 'micro-sidecar'\nexport default defineConfig({ name: 'a', namespace: mine })",
  ],
  ['micro.config.cjs', "const { mine } = require('micro-sidecar')\nmodule.exports = { name: 'a', namespace: mine }"],
  ['micro.config.json', '{ "name": "a", "namespace": "bundled" }'],
  ['micro.config.yaml', 'name: a\nnamespace: bundled\n'],
])('S22: a %s is loaded without compiling code, and finds the SDK beside the bundle', async (file, text) => {
  await writeFile(join(folder, file), text)
  const code = `
    import { loadConfig } from './load.mjs'
    const call = { cwd: process.cwd(), configPath: '${file}', env: {}, flags: new Map() }
    const { settings } = await loadConfig(call)
    console.log(JSON.stringify([settings.name, settings.namespace]))`
  expect(await run(STRICT, code)).toEqual(['a', 'bundled'])
})

test('what a file does not need is not loaded; the typescript package never is', async () => {
  const code = `
    import { createRequire } from 'node:module'
    import { loadConfig } from './load.mjs'
    import './arguments.mjs'
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).map((path) => path.split('node_modules/').pop())
    const heavy = () => ['ajv', 'jiti', 'yaml', 'typescript', 'cosmiconfig'].filter((name) => loaded().some((path) => path.startsWith(name + '/')))
    const start = heavy()
    await loadConfig({ cwd: '/', env: {}, flags: new Map() })
    const none = heavy()
    await loadConfig({ cwd: process.cwd(), configPath: 'micro.config.json', env: {}, flags: new Map() })
    const json = heavy()
    await loadConfig({ cwd: process.cwd(), configPath: 'micro.config.yaml', env: {}, flags: new Map() })
    const yaml = heavy()
    const { file } = await loadConfig({ cwd: process.cwd(), env: {}, flags: new Map() })
    console.log(JSON.stringify([start, none, json, yaml, file.split('/').pop(), heavy()]))`
  await writeFile(join(folder, 'micro.config.json'), '{}')
  await writeFile(join(folder, 'micro.config.yaml'), '{}')
  await writeFile(join(folder, 'micro.config.ts'), 'enum N { A = 1 }\nexport default { client: { retries: N.A } }')
  const found = ['micro.config.ts', ['jiti', 'yaml', 'cosmiconfig']]
  expect(await run([], code)).toEqual([[], [], [], ['yaml'], ...found])
})

const BABEL = `
  import { createRequire } from 'node:module'
  import { loadConfig } from './load.mjs'
  const files = new Set()
  const onRead = (file) => files.add(file)
  const options = { cwd: process.cwd(), configPath: process.argv[1], env: {}, flags: new Map(), onRead }
  const { settings } = await loadConfig(options)
  const loaded = Object.keys(createRequire(import.meta.url).cache)
  const has = (name) => loaded.some((path) => path.endsWith('/jiti/dist/' + name))
  console.log(JSON.stringify([settings.name, files.size, has('jiti.cjs'), has('babel.cjs')]))`

test.each([
  ['micro.config.ts', "import { name } from './name'\nexport default { name } satisfies object"],
  ['micro.config.ts', "export default async () => ({ name: (await import('./name.ts')).name })"],
  ['micro.config.js', "import { name } from './name.ts'\nexport default { name }"],
])('R25: babel is not in the process that has loaded a %s', async (file, text) => {
  await writeFile(join(folder, 'name.ts'), "enum N { A = 'a' }\nexport const name: string = N.A")
  await writeFile(join(folder, file), text)
  expect(await run(STRICT, BABEL, file)).toEqual(['a', 2, true, false])
})

test('R25: nor is it where jiti leaves a script to Node, and for its sake no process is started', async () => {
  await writeFile(join(folder, 'micro.config.mjs'), "export default { name: 'a' }")
  expect(await run([...STRICT, ...WITHOUT_PROCESSES], BABEL, 'micro.config.mjs')).toEqual(['a', 1, true, false])
})

test('where no process may be started, TypeScript is loaded all the same', async () => {
  await writeFile(join(folder, 'micro.config.ts'), "enum N { A = 'a' }\nexport default { name: N.A }")
  expect(await run([...STRICT, ...WITHOUT_PROCESSES], BABEL, 'micro.config.ts')).toEqual(['a', 1, true, true])
})
