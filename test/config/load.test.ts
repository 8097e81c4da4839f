import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultsOf, load, loadFiles, workspace } from './workspace.js'

const yaml = 'name: com.example\n'
const json = '{ "name": "com.example" }'
const module = "export default { name: 'com.example' }"
const script = "const name: string = 'com.example'\nexport default { name } satisfies object"
const common = "module.exports = { name: 'com.example' }"

describe('the kinds of file', () => {
  test.each([
    ['micro.config.ts', script],
    ['micro.config.mts', script],
    ['micro.config.cts', script],
    ['micro.config.js', module],
    ['micro.config.js', common],
    ['micro.config.mjs', module],
    ['micro.config.cjs', common],
    ['micro.config.json', json],
    ['micro.config.yaml', yaml],
    ['micro.config.yml', yaml],
    ['.microrc', yaml],
    ['.microrc', json],
    ['.microrc.json', json],
    ['.microrc.yaml', yaml],
    ['.microrc.yml', yaml],
    ['.microrc.ts', script],
    ['.microrc.js', module],
    ['.microrc.mjs', module],
    ['.microrc.cjs', common],
    ['package.json', `{ "name": "x", "micro": ${json} }`],
  ])('%s', async (name, text) => {
    const folder = await workspace({ [name]: text })
    const read = new Set<string>()
    const loaded = await load(folder, { onRead: (file) => read.add(file) })
    expect(loaded.settings.name).toBe('com.example')
    expect(loaded.file).toBe(join(folder, name))
    expect([...read]).toEqual([join(folder, name)])
  })

  test('a JSON file may begin with a byte order mark', async () => {
    expect((await loadFiles({ 'micro.config.json': `\uFEFF${json}` })).settings.name).toBe('com.example')
  })

  test('YAML merge keys and aliases', async () => {
    const text = 'services:\n  a: &base { retries: 2 }\n  b: { <<: *base, timeout: 1s }\n'
    const { settings } = await loadFiles({ 'micro.config.yaml': text })
    expect(settings.services.get('b')).toMatchObject({ retries: 2, timeout: 1000 })
  })

  test('no file at all: the defaults', async () => {
    const loaded = await loadFiles({ 'package.json': '{ "name": "x" }' })
    expect(loaded).toMatchObject({ file: undefined, profile: undefined })
    expect(loaded.settings.address).toBe('127.0.0.1:8081')
  })
})

describe('where a file is looked for', () => {
  test('upwards, and the nearest counts', async () => {
    const folder = await workspace({ 'micro.config.yaml': 'name: above', 'a/b/x': '', 'a/.microrc': 'name: near' })
    expect((await load(join(folder, 'a/b'))).settings.name).toBe('near')
  })

  test('a package.json without the key does not end the search', async () => {
    const folder = await workspace({ 'micro.config.yaml': 'name: above', 'a/package.json': '{}' })
    expect((await load(join(folder, 'a'))).settings.name).toBe('above')
  })

  test('not above the home folder', async () => {
    const folder = await workspace({ 'micro.config.yaml': 'name: above', 'home/a/x': '' })
    const before = process.env.HOME
    process.env.HOME = join(folder, 'home')
    try {
      expect(homedir()).toBe(join(folder, 'home'))
      expect((await load(join(folder, 'home/a'))).file).toBeUndefined()
    } finally {
      process.env.HOME = before
    }
  })

  test('a script stands before data files in one folder', async () => {
    const files = { 'micro.config.ts': "export default { name: 'script' }", 'micro.config.json': '{ "name": "data" }' }
    expect((await loadFiles(files)).settings.name).toBe('script')
  })

  test('--config names it, relative to the folder; MICRO_CONFIG too, under the flag', async () => {
    const folder = await workspace({
      'x/a.json': '{ "name": "a" }',
      'b.yaml': 'name: b',
      'micro.config.yaml': 'name: c',
    })
    expect((await load(folder, { argv: ['--config', 'x/a.json'] })).settings.name).toBe('a')
    expect((await load(folder, { env: { MICRO_CONFIG: join(folder, 'b.yaml') } })).settings.name).toBe('b')
    expect((await load(folder, { env: { MICRO_CONFIG: '' } })).settings.name).toBe('c')
    const both = { argv: ['--config=x/a.json'], env: { MICRO_CONFIG: 'b.yaml' } }
    expect((await load(folder, both)).settings.name).toBe('a')
    expect((await load(folder, { ...both, configPath: 'b.yaml' })).settings.name).toBe('b')
  })
})

describe('scripts', () => {
  test('import other TypeScript files, JSON and CommonJS, use enum and satisfies; all files are listed', async () => {
    const folder = await workspace({
      'micro.config.ts': `
        import { defineConfig } from 'micro-sidecar'
        import { Level, timeout } from './shared.js'
        import names from './names.json'
        import plain from './plain.cjs'
        enum Handler { Proxy = 'proxy' }
        interface Extra { readonly retries: number }
        const extra = { retries: plain.retries } satisfies Extra
        export default defineConfig({
          name: names.name, handler: Handler.Proxy, log: { level: Level.Warn }, client: { timeout, ...extra },
        })`,
      'shared.ts': `export * from './deep/timeout'\nexport enum Level { Warn = 'warn' }`,
      'deep/timeout.ts': `export const timeout: string = '3s'`,
      'names.json': '{ "name": "com.example" }',
      'plain.cjs': 'exports.retries = 4',
    })
    const files = new Set<string>()
    const { settings } = await load(folder, { onRead: (file) => files.add(file) })
    expect(settings).toMatchObject({ name: 'com.example', handler: 'proxy', log: { level: 'warn' } })
    expect(settings.client).toMatchObject({ timeout: 3000, retries: 4 })
    const all = ['micro.config.ts', 'shared.ts', 'deep/timeout.ts', 'names.json', 'plain.cjs']
    expect(files).toEqual(new Set(all.map((name) => join(folder, name))))
  })

  test.each([
    ['a function', 'export default ({ profile, env }) => ({ name: [profile, env.WHO].join(".") })'],
    ['an async function', 'export default async ({ profile, env }) => ({ name: [profile, env.WHO].join(".") })'],
    ['a promise', "export default Promise.resolve({ name: 'test.you' })"],
    [
      'a promise of a function',
      'export default Promise.resolve(({ profile, env }) => ({ name: [profile, env.WHO].join(".") }))',
    ],
    ['a promise at the top level', "const name = await Promise.resolve('test.you')\nexport default { name }"],
    ['a CommonJS function', 'module.exports = ({ profile, env }) => ({ name: [profile, env.WHO].join(".") })'],
  ])('export %s', async (_, text) => {
    const files = { 'micro.config.js': text }
    expect((await loadFiles(files, { env: { NODE_ENV: 'test', WHO: 'you' } })).settings.name).toBe('test.you')
  })

  test('the profile that a function is given: flag, MICRO_PROFILE, NODE_ENV', async () => {
    const text = 'export default ({ profile }) => ({ name: String(profile), profiles: { a: {}, b: {} } })'
    const folder = await workspace({ 'micro.config.mjs': text })
    const env = { MICRO_PROFILE: 'b', NODE_ENV: 'c' }
    expect((await load(folder, { argv: ['--profile=a'], env })).settings.name).toBe('a')
    expect((await load(folder, { env })).settings.name).toBe('b')
    expect((await load(folder, { env: { NODE_ENV: 'c' } })).settings.name).toBe('c')
    expect((await load(folder)).settings.name).toBe('undefined')
  })

  test('a change of the file and of what it imports is seen by the next load', async () => {
    const folder = await workspace({
      'micro.config.ts': "import { name } from './name'\nexport default { name }",
      'name.ts': "export const name = 'one'",
    })
    expect((await load(folder)).settings.name).toBe('one')
    await writeFile(join(folder, 'name.ts'), "export const name = 'two'")
    expect((await load(folder)).settings.name).toBe('two')
  })

  test('files that import each other', async () => {
    const { settings } = await loadFiles({
      'micro.config.ts': "import { name } from './a'\nexport default { name: name() }",
      'a.ts': "import { part } from './b'\nexport const name = () => part()\nexport const word = 'round'",
      'b.ts': "import { word } from './a'\nexport const part = () => word",
    })
    expect(settings.name).toBe('round')
  })

  test('work in a folder that cannot be written to', async () => {
    const folder = await workspace({
      'micro.config.ts': "import { name } from './name.ts'\nexport default { name }",
      'name.ts': "export const name: string = 'fixed'",
    })
    await chmod(folder, 0o555)
    try {
      expect((await asNobody(() => load(folder))).settings.name).toBe('fixed')
    } finally {
      await chmod(folder, 0o755)
    }
  })
})

describe('files that cannot be read', () => {
  test.each([
    ['missing', { argv: ['--config=nowhere.ts'] }, 'nowhere.ts  there is no such file'],
    ['a folder', { argv: ['--config=sub'] }, 'sub  it is no file'],
    [
      'of no known kind',
      { argv: ['--config=x.toml'] },
      'x.toml  no known kind of file, allowed: a name that ends in .json, .yaml, .yml, .ts, .mts, .cts, .js, .mjs, .cjs',
    ],
    ['without the key', { argv: ['--config=package.json'] }, 'package.json  it has no key "micro"'],
  ])('%s', async (_, call, text) => {
    const folder = await workspace({ 'x.toml': 'a = 1', 'package.json': '{}', 'sub/x': '' })
    expect(await faultsOf(load(folder, call))).toBe(text)
  })

  test('a found one that is a folder, or leads nowhere', async () => {
    const folder = await workspace({})
    await mkdir(join(folder, 'micro.config.json'))
    expect(await faultsOf(load(folder))).toBe('micro.config.json  it is no file')
    const other = await workspace({})
    await symlink('nowhere', join(other, 'micro.config.json'))
    expect(await faultsOf(load(other))).toBe('micro.config.json  there is no such file')
  })

  test('without permission: said, whether named or found', async () => {
    const folder = await workspace({ 'micro.config.yaml': yaml })
    await chmod(join(folder, 'micro.config.yaml'), 0)
    await chmod(folder, 0o755)
    const text = 'micro.config.yaml  it may not be read: permission denied (EACCES)'
    expect(await asNobody(() => faultsOf(load(folder)))).toBe(text)
    expect(await asNobody(() => faultsOf(load(folder, { argv: ['--config=micro.config.yaml'] })))).toBe(text)
  })

  test.each(['micro.config.ts', 'micro.config.json', 'micro.config.yaml', '.microrc'])('%s is empty', async (name) => {
    const text = `${name}  it is empty, allowed: a configuration, at least {}`
    expect(await faultsOf(loadFiles({ [name]: '' }))).toBe(text)
    expect(await faultsOf(loadFiles({ [name]: ' \n\n' }))).toBe(text)
  })

  test('YAML of comments alone is empty too', async () => {
    expect(await faultsOf(loadFiles({ 'micro.config.yaml': '# nothing\n' }))).toMatch(
      /^micro.config.yaml {2}it is empty/,
    )
  })

  test('a broken package.json on the way', async () => {
    expect(await faultsOf(loadFiles({ 'package.json': '{ "name": }' }))).toMatch(/^package.json:1:11 {2}no valid JSON/)
  })
})

/** Root may read and write everything: the work is done as a user that may not. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
