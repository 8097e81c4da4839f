import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const { children } = vi.hoisted((): { children: ChildProcess[] } => ({ children: [] }))
vi.mock('node:child_process', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:child_process')>()
  const spawn = (file: string, words: string[], options: object) => {
    const child = original.spawn(file, words, options)
    children.push(child)
    return child
  }
  return { ...original, spawn }
})

const { execPath } = process
const require = createRequire(import.meta.url)
const SCRIPT = { filename: '/micro.config.ts', source: 'export const retries: number = 4', ts: true }
const ASKED = { ...SCRIPT, async: true, interopDefault: false }
const JAVASCRIPT = /retries = 4/

beforeEach(() => {
  vi.resetModules()
  children.length = 0
})
afterEach(() => {
  process.execPath = execPath
  vi.useRealTimers()
  for (const child of children) child.kill('SIGKILL')
})

test('scripts are transpiled in a process that later ones share, and that ends when nothing more comes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const transpiled = await transpiler()
  const both = await Promise.all([transpiled([SCRIPT]), transpiled([{ ...SCRIPT, filename: '/other.ts' }])])
  expect(both[0](ASKED).code).toMatch(JAVASCRIPT)
  expect(both[1]({ ...ASKED, filename: '/other.ts' }).code).toMatch(JAVASCRIPT)
  expect((await transpiled([SCRIPT]))(ASKED).code).toMatch(JAVASCRIPT)
  expect([children.length, hasBabel()]).toEqual([1, false])
  const ended = once(children[0] ?? process, 'exit')
  vi.advanceTimersByTime(3000)
  expect(await ended).toEqual([0, null])
  expect((await transpiled([SCRIPT]))(ASKED).code).toMatch(JAVASCRIPT)
  expect([children.length, hasBabel()]).toEqual([2, false])
})

test('nothing to transpile: no process', async () => {
  await (await transpiler())([])
  expect(children).toEqual([])
})

test('what has changed since, or was not asked, is transpiled here', async () => {
  const transpile = await (await transpiler())([SCRIPT])
  expect(transpile({ ...ASKED, source: 'export const retries: number = 5' }).code).toContain('retries = 5')
  expect(transpile({ ...ASKED, async: false }).code).toMatch(JAVASCRIPT)
  expect(transpile({ ...ASKED, filename: '/late.ts' }).code).toMatch(JAVASCRIPT)
})

test('a process that dies, does not answer or cannot start is done without', async () => {
  const transpiled = await transpiler()
  const dying = transpiled([SCRIPT])
  children[0]?.kill('SIGKILL')
  expect((await dying)(ASKED).code).toMatch(JAVASCRIPT)

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const silent = transpiled([SCRIPT])
  children[1]?.kill('SIGSTOP')
  vi.advanceTimersByTime(30_000)
  expect((await silent)(ASKED).code).toMatch(JAVASCRIPT)

  process.execPath = '/nowhere/node'
  expect((await transpiled([SCRIPT]))(ASKED).code).toMatch(JAVASCRIPT)
  expect(children).toHaveLength(3)
})

test('a program that is not called node, and so would start itself, is not started', async () => {
  process.execPath = '/usr/bin/micro-sidecar'
  expect((await (await transpiler())([SCRIPT]))(ASKED).code).toMatch(JAVASCRIPT)
  expect(children).toEqual([])
})

/** A fresh one, that has no process yet. */
async function transpiler() {
  return (await import('../../../src/config/files/transpiler.js')).transpiled
}

function hasBabel(): boolean {
  return Object.keys(require.cache).some((path) => path.endsWith('babel.cjs'))
}
