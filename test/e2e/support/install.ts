import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed package. */
    tarball: string
    /** An otherwise empty folder in which it is installed. */
    installed: string
  }
}

interface Installed {
  readonly tarball: string
  readonly folder: string
}

/** Vitest loads this file once for each project that uses it. */
const shared = Symbol.for('micro-sidecar.installed')

/** Builds, packs and installs the package once for all tests of the packed program. */
export default async function install(project: TestProject): Promise<() => Promise<void>> {
  const installing: Promise<Installed> = Reflect.get(globalThis, shared) ?? make()
  Reflect.set(globalThis, shared, installing)
  const { tarball, folder } = await installing
  project.provide('tarball', tarball)
  project.provide('installed', folder)
  return () => rm(folder, { recursive: true, force: true })
}

async function make(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'micro-sidecar-e2e-'))
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  await npm(root, 'run', 'build')
  const packed: [{ filename: string }] = JSON.parse(
    await npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder),
  )
  const tarball = join(folder, packed[0].filename)
  await writeFile(join(folder, 'package.json'), '{ "name": "user", "version": "1.0.0", "private": true }\n')
  await npm(folder, 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball)
  return { tarball, folder }
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('npm', args, { cwd, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    throw new Error(`npm ${args.join(' ')}`, { cause: error })
  }
}
