import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

test('S23: the package holds what it should and nothing else', async () => {
  const files = await contents(join(inject('installed'), 'node_modules/micro-sidecar'))
  const named = new Set([...files.keys()].map((name) => name.replace(/-[\w-]{8}(?=\.)/, '-*')))
  const golden = await readFile(join(root, 'test/package.golden.txt'), 'utf8')
  expect(`${[...named].sort().join('\n')}\n`).toBe(golden)
})

test('S23: nothing runs at installation', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const installing = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']
  expect(Object.keys(manifest.scripts).filter((name) => installing.includes(name))).toEqual([])
  expect(manifest.publishConfig.provenance).toBe(true)
})

test('S23: two builds give the same bytes', async () => {
  const again = await mkdtemp(join(tmpdir(), 'micro-sidecar-build-'))
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js')
  await run(process.execPath, [tsup, '--silent', '--out-dir', again], { cwd: root })
  expect(await contents(again)).toEqual(await contents(join(inject('installed'), 'node_modules/micro-sidecar/dist')))
  await rm(again, { recursive: true })
})

test('npm start builds each file once, and the same as is packed', async () => {
  const again = await mkdtemp(join(tmpdir(), 'micro-sidecar-build-'))
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const flags = /tsup (.*?) &&/.exec(manifest.scripts.start)?.[1]?.split(' ') ?? []
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js')
  const loud = flags.filter((flag) => flag !== '--silent')
  const { stdout } = await run(process.execPath, [tsup, ...loud, '--out-dir', again], { cwd: root })
  expect(stdout.match(/\/index\.js /g)).toHaveLength(1)
  const packed = await contents(join(inject('installed'), 'node_modules/micro-sidecar/dist'))
  expect(await contents(again)).toEqual(new Map([...packed].filter(([name]) => !/\.d\.c?ts$/.test(name))))
  await rm(again, { recursive: true })
})

test('S23: publint finds nothing to say', async () => {
  const publint = join(root, 'node_modules/publint/src/cli.js')
  const { stdout } = await run(process.execPath, [publint, '--strict', inject('tarball')], { cwd: root })
  expect(stdout).toContain('All good!')
})

test('S23: the types are right for every way to resolve them', async () => {
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const { stdout } = await run(process.execPath, [attw, '--format', 'json', '--no-definitely-typed', inject('tarball')])
  expect(JSON.parse(stdout).problems ?? {}).toEqual({})
})

/** Each file's name and hash. */
async function contents(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(
      path.slice(folder.length + 1),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    )
  }
  return files
}
