import { describe, expect, test, vi } from 'vitest'
import { faultsOf, load, loadFiles, workspace } from './workspace.js'

const lines = (...text: string[]) => text.join('\n')

describe('syntax errors have line and column', () => {
  test.each([
    [
      'micro.config.ts',
      lines('export default {', "  name: 'x'", '  client: {},', '}'),
      '3:3  Unexpected token, expected ","',
    ],
    ['micro.config.ts', lines('export default {', '  name: 1,', ''), '3:1  Unexpected token'],
    ['micro.config.js', lines('', 'const let = 3'), "2:7  Unexpected reserved word 'let'."],
    ['micro.config.cjs', lines('module.exports = {', '  name: `x,', '}'), '2:10  Unterminated template'],
    ['micro.config.json', lines('{', '  "name": "x",', '  "client": {},', '}'), '4:1  no valid JSON: '],
    ['micro.config.json', lines('{', "  'name': 1", '}'), '2:3  no valid JSON: '],
    ['micro.config.json', lines('{', '  "ä": "ö", // no', '}'), '2:13  no valid JSON: '],
    ['micro.config.json', '{ "a": 1', '1:9  no valid JSON: '],
    ['micro.config.json', '['.repeat(100_000), '1:65  no valid JSON: '],
    ['micro.config.yaml', lines('name: x', 'client:', '  retries: 1', ' timeout: 2s'), '4:1  no valid YAML: '],
    ['micro.config.yaml', lines('name: x', 'name: y'), '2:1  no valid YAML: Map keys must be unique'],
    ['micro.config.yaml', lines('name: *none'), '1:7  no valid YAML: '],
    ['micro.config.yaml', lines('name: !thing x'), '1:7  no valid YAML: Unresolved tag: !thing'],
    ['micro.config.yaml', `log: { level: $\{LEVEL} }`, `1:16  no valid YAML: a value with $\{…} inside { } or [ ]`],
    ['micro.config.yaml', lines('name: x', '---', 'name: y'), '2:1  no valid YAML: '],
  ])('%s %j', async (name, text, fault) => {
    const found = await faultsOf(loadFiles({ [name]: text }))
    expect(found.slice(0, `${name}:${fault}`.length)).toBe(`${name}:${fault}`)
    expect(found.split('\n')).toHaveLength(1)
  })

  test('in an imported file: that file', async () => {
    const files = { 'micro.config.ts': "import './deep/a'\nexport default {}", 'deep/a.ts': '\nexport const x: = 3' }
    expect(await faultsOf(loadFiles(files))).toBe('deep/a.ts:2:17  Unexpected token')
  })

  test('S15: a YAML file whose aliases multiply is refused at once', async () => {
    const text = Array.from({ length: 30 }, (_, n) => `a${n}: &a${n} [${n ? `*a${n - 1}, *a${n - 1}` : 'x'}]`).join(
      '\n',
    )
    expect(await faultsOf(loadFiles({ 'micro.config.yaml': text }))).toMatch(/no valid YAML: Excessive alias count/)
  })
})

describe('what a script throws is told with its place and without a stack', () => {
  test.each([
    ['an error', lines('export const x = 1', "throw new RangeError('too far')"), '2:1  it threw RangeError: too far'],
    [
      'a mistake in a function',
      lines(
        'interface A { b: number }',
        'export default (context: { none?: A }) => {',
        '  return context.none!.b',
        '}',
      ),
      "3:3  it threw TypeError: Cannot read properties of undefined (reading 'b')",
    ],
    ['a text', "throw 'plain'", undefined],
    ['a rejection', "export default Promise.reject(new Error('later'))", '1:1  it threw Error: later'],
    [
      'a missing import',
      lines('', "import x from './none.js'", 'export default x'),
      "2:1  it threw Error: Cannot find module './none.js'",
    ],
    ['several lines', "throw new Error('one\\n  two')", '1:1  it threw Error: one two'],
  ])('%s', async (_, text, fault) => {
    const found = await faultsOf(loadFiles({ 'micro.config.ts': text }))
    expect(found).toBe(fault === undefined ? 'micro.config.ts  it threw plain' : `micro.config.ts:${fault}`)
  })

  test('in an imported file: that file', async () => {
    const files = {
      'micro.config.ts': "import { name } from './name'\nexport default { name: name() }",
      'name.ts': "export function name(): string {\n  throw new Error('no name')\n}",
    }
    expect(await faultsOf(loadFiles(files))).toBe('name.ts:2:3  it threw Error: no name')
  })

  test('an accessor that throws', async () => {
    const text = "export default { get name() { throw new Error('mine') } }"
    expect(await faultsOf(loadFiles({ 'micro.config.js': text }))).toBe('micro.config.js:1:16  reading it threw "mine"')
  })
})

describe('what a script exports', () => {
  test.each([
    [
      'no default',
      'export const name = 1',
      'micro.config.js  it exports no configuration, allowed: export default { … }',
    ],
    ['nothing from a function', 'export default () => {}', 'micro.config.js  it exports no configuration'],
    ['a text', "export default 'x'", 'micro.config.js:1:16  found "x", allowed: an object'],
    ['a list', 'export default []', 'micro.config.js:1:16  found an empty list, allowed: an object'],
    ['an instance', 'export default new Map()', 'micro.config.js:1:16  found a Map, allowed: an object'],
    [
      'a function of a function',
      'export default () => () => ({})',
      'micro.config.js:1:29  found a function, allowed: an object',
    ],
    ['null', 'export default null', 'micro.config.js  it is empty, allowed: a configuration, at least {}'],
  ])('%s', async (_, text, fault) => {
    expect(await faultsOf(loadFiles({ 'micro.config.js': text }))).toContain(fault)
  })

  test('a promise that never settles is given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const found = faultsOf(loadFiles({ 'micro.config.js': 'export default new Promise(() => {})' }))
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { timeout: 5000 })
      vi.advanceTimersByTime(30_000)
      expect(await found).toBe('micro.config.js  what it exports did not settle within 30 s')
    } finally {
      vi.useRealTimers()
    }
  })
})

test('a file that cannot be read hides no fault of environment and flags', async () => {
  const call = { env: { MICRO_CLIENT_RETRIES: 'x' }, argv: ['--handler=rcp', '--registry=mine', '--nothing'] }
  const found = await faultsOf(loadFiles({ 'micro.config.json': '{' }, call))
  expect(found.split('\n').map((line) => line.split('  ')[0])).toEqual([
    'flag --nothing',
    'micro.config.json:1:2',
    'environment MICRO_CLIENT_RETRIES',
    'flag --handler',
  ])
})

test('a file outside the folder is named by its whole path', async () => {
  const folder = await workspace({ 'micro.config.yaml': 'nmae: x', 'a/x': '' })
  expect(await faultsOf(load(`${folder}/a`))).toMatch(new RegExp(`^${folder}/micro.config.yaml:1:1 {2}nmae: `))
})
