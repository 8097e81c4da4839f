import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

/** S22: whatever the packed program does here, it does without making code from strings. */
export const HARDENED = ['--disallow-code-generation-from-strings', '--throw-deprecation']

export interface Run {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** The first line on standard output that matches. Fails when the process ends before. */
  line(pattern: RegExp): Promise<string>
  /** The exit code. */
  readonly ended: Promise<number | null>
}

export interface RunOptions {
  /** By default a folder without a configuration. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly nodeFlags?: readonly string[]
}

const running = new Set<ChildProcess>()

/** The installed command, without anything of this process's environment that could change what it does. */
export function command(args: readonly string[], options: RunOptions = {}): Run {
  const program = join(inject('installed'), 'node_modules/micro-sidecar/dist/cli.js')
  const flags = options.nodeFlags ?? HARDENED
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env }
  const child = spawn(process.execPath, [...flags, program, ...args], { cwd: options.cwd ?? inject('installed'), env })
  return follow(child)
}

export function follow(child: ChildProcess): Run {
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  let over = false
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    running.delete(child)
    over = true
    return code ?? null
  })
  const line = async (pattern: RegExp) => {
    for (;;) {
      const text = stdout
        .split('\n')
        .slice(0, -1)
        .find((candidate) => pattern.test(candidate))
      if (text !== undefined) return text
      if (over) throw new Error(`no line ${pattern} in\n${stdout}\n${stderr}`)
      await Promise.race([ended, ...(child.stdout === null ? [] : [once(child.stdout, 'data')])])
    }
  }
  return { child, stdout: () => stdout, stderr: () => stderr, line, ended }
}

/** Starts the sidecar and waits until it listens. */
export async function listening(args: readonly string[], options: RunOptions = {}): Promise<Run & { url: string }> {
  const run = command(args, options)
  const line = await run.line(/listening/)
  const url = /https?:\/\/[^\s"]+/.exec(line)?.[0]
  if (url === undefined) throw new Error(`no URL in ${line}`)
  return { ...run, url }
}

/** Ends what a test has left running. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    }),
  )
}

/** A folder of a test's own, with files in it. */
export async function folder(
  files: Readonly<Record<string, string>>,
): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'micro-sidecar-test-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
