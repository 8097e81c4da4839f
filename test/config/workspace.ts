import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseArguments } from '../../src/config/arguments.js'
import { defineConfig } from '../../src/config/define-config.js'
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../src/config/load.js'
import { ConfigError } from '../../src/errors.js'

/** A folder of the test's own with these files in it. */
export async function workspace(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'micro-config-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

interface Call extends Partial<Omit<LoadOptions, 'flags'>> {
  readonly argv?: readonly string[]
}

/** Loads as the command does, with no environment but what is given. */
export function load(cwd: string, { argv = [], ...options }: Call = {}): Promise<LoadedConfig> {
  const { flags, faults } = parseArguments(argv)
  return loadConfig({ cwd, env: {}, flags, faults, sdk: { defineConfig }, ...options })
}

export async function loadFiles(files: Readonly<Record<string, string>>, call: Call = {}): Promise<LoadedConfig> {
  return load(await workspace(files), call)
}

/** The faults of a loading that must fail, one a line. */
export async function faultsOf(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => new Error('no fault'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConfigError)) throw error
  return error.message
}
