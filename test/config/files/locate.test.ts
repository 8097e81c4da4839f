import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sourceLocator } from '../../../src/config/files/locate.js'

/** Where the mark `@` stood in the text, and where the key is found in the text without it. */
function found(marked: string, path: string): { wanted: string; found: string } {
  const offset = marked.indexOf('@')
  const before = marked.slice(0, offset)
  const wanted = `${before.split('\n').length}:${offset - before.lastIndexOf('\n')}`
  const place = sourceLocator(marked.replace('@', ''))(path === '' ? [] : path.split('/'))
  return { wanted, found: place === undefined ? 'nowhere' : `${place.line}:${place.column}` }
}

const FORMS: readonly (readonly [string, string, string])[] = [
  ['an object', 'export default { a: 1, client: { x: [], @retries: 2 } }', 'client/retries'],
  ['JSON', '{ "a": "}", "client": { "x": [1, {"retries": 0}], @"retries": 2 } }', 'client/retries'],
  ['defineConfig', "import { defineConfig } from 'x'\nexport default defineConfig({\n  @name: 1 })", 'name'],
  ['satisfies', 'export default {\n  @name: 1,\n} satisfies MicroConfig', 'name'],
  ['as const', 'export default ({ client: { @retries: 1 } as const }) as unknown', 'client/retries'],
  ['a name', 'const other = { name: 2 }\nconst config: Partial<X> = { @name: 1 }\nexport default config', 'name'],
  ['a name in defineConfig', 'let config = { @name: 1 }\nexport default defineConfig(config)\n', 'name'],
  ['a name that is exported as default', 'const config = { @name: 1 }\nexport { config as default }', 'name'],
  ['module.exports', "'use strict'\nmodule.exports = { @name: 1 }", 'name'],
  ['exports.default', 'exports.default = { @name: 1 }', 'name'],
  ['export =', 'export = { @name: 1 }', 'name'],
  ['an arrow function', 'export default ({ profile }) => ({ @name: profile })', 'name'],
  ['an arrow function of one name', 'export default context => ({ @name: context })', 'name'],
  [
    'an arrow function with types',
    'export default ({ env }: { env: X }): Promise<{ a: 1 }> => ({ @name: env })',
    'name',
  ],
  ['an async arrow function', 'export default async () => ({ @name: 1 })', 'name'],
  ['a block', 'export default () => {\n  if (x) { return { name: 0 } }\n  return { @name: 1 }\n}', 'name'],
  ['a block with one return inside', 'export default () => {\n  if (x) { return { @name: 0 } }\n}', 'name'],
  ['a function', 'export default async function make({ a }) { return { @name: a } }', 'name'],
  ['a function by name', 'function make(): X { return { @name: 1 } }\nexport default make', 'name'],
  ['a call by name', 'export default make({ @name: 1 })', 'name'],
  ['a call with types', 'export default make<Array<X>>({ @name: 1 })', 'name'],
  ['a promise', 'export default Promise.resolve({ @name: 1 })', 'name'],
  ['await', 'export default await load({ @name: 1 })', 'name'],
  ['a value by name', 'const client = { @retries: 1 }\nexport default { client: client }', 'client/retries'],
  ['a short member', 'const client = { @retries: 1 }\nexport default { name, client }', 'client/retries'],
  ['a spread', 'const base = { @name: 1, b: 2 }\nexport default { ...base, c: 3 }', 'name'],
  ['a spread literal', 'export default { ...{ @name: 1 } }', 'name'],
  ['over a spread', 'const base = { name: 1 }\nexport default { ...base, @name: 3 }', 'name'],
  ['the last of two', 'export default { name: 1, @name: 2 }', 'name'],
  ['a quoted key', 'export default { \'a.b\': { @"c-d": 1 } }', 'a.b/c-d'],
  ['a computed text', "export default { [@'name']: 1 }", 'name'],
  ['a method', 'export default { @name() { return { name: 1 } } }', 'name'],
  ['an accessor', 'export default { get @name() { return 1 } }', 'name'],
  ['a key named get', 'export default { @get: 1 }', 'get'],
  ['a number', 'export default { @1: 1 }', '1'],
  ['an element', "export default { cors: ['a', (1, 2), @'b'] }", 'cors/2'],
  ['an element of an element', 'export default { a: [[], [0, @{ b: 1 }]] }', 'a/1/1'],
  ['a key in an element', 'export default { a: [{}, { @b: 1 },] }', 'a/1/b'],
  ['comments', '// export default {\n/* { */ export /**/ default { // name: 1,\n  /* name: 2 */ @name: 3 }', 'name'],
  ['texts', `export default { a: "{ name: 1", b: '\\'', c: '}', @name: 1 }`, 'name'],
  [
    'templates',
    'export default { a: `$_{`}`} { name: $_{ { name: 1 }.name }`, @name: 1 }'.replaceAll('$_', '$'),
    'name',
  ],
  ['regular expressions', 'export default { a: /[/}"]/g, b: x / 2, c: 4 / /}/.y, @name: 1 }', 'name'],
  ['functions as values', 'export default { a: (x) => { return { name: 1 } }, @name: 1 }', 'name'],
  ['conditions', 'export default { a: x ? { name: 1 } : {}, @name: 1 }', 'name'],
  ['other line ends', 'export default {\r\n  a: 1,\r\n  @name: 1 }', 'name'],
]

test.each(FORMS)('finds the key: %s', (_, text, path) => {
  const { wanted, found: place } = found(text, path)
  expect(place).toBe(wanted)
})

describe('what cannot be found leads to the nearest above it', () => {
  test.each([
    ['an unknown key', 'export default { @client: { a: 1 } }', 'client/retries'],
    ['a computed value', 'export default { a: 1, @client: makeClient(1) }', 'client/retries'],
    ['an imported value', "import { client } from './x'\nexport default { @client }", 'client/retries'],
    ['a condition', 'const x = { retries: 1 }\nexport default { @client: x ? { retries: 2 } : y }', 'client/retries'],
    ['an element that is not there', 'export default { @cors: [] }', 'cors/3'],
    ['the whole', 'export default @{ a: 1 }', ''],
    ['a whole that is computed', 'export default @compute()', 'name'],
    ['a whole that is imported', "import x from 'y'\nexport default @x", 'name'],
    ['a circle', 'const a = b\nconst b = a\nexport default @a', 'name'],
    ['a circle of spreads', 'const a = { ...b }\nconst b = { ...a }\nexport default @{ ...a }', 'name'],
    ['a computed key', 'export default @{ [key]: 1 }', 'key'],
    ['nothing in the way', 'export default { @services: { a: null } }', 'services/a/b'.replace('a/b', 'b/c')],
  ])('%s', (_, text, path) => {
    const { wanted, found: place } = found(text, path)
    expect(place).toBe(wanted)
  })

  test.each(['', '// nothing', 'const x = 1', "import 'y'", 'module.exports', `{`.repeat(10)])(
    '%j: nowhere, or the start',
    (text) => {
      expect([undefined, { line: 1, column: 1 }]).toContainEqual(sourceLocator(text)(['name']))
    },
  )
})

describe('no text makes it fail', () => {
  const piece = fc.constantFrom(
    ...['{', '}', '[', ']', '(', ')', '`', '${', "'", '"', '/', '//', '/*', '*/', '\\', '\n', ',', ':', ';', '=', '=>'],
    ...['...', '.', '<', '>', '?', 'export', 'default', 'const', 'a', 'name', 'return', 'function', 'async', 'await'],
    ...['module', 'exports', 'as', ' ', '1', '#', '@', 'é', '💥', '\u2028'],
  )
  const path = fc.array(fc.constantFrom('name', 'a', '0', '1', 'client', '__proto__'), { maxLength: 4 })

  test('property: pieces of source', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), path, (pieces, keys) => {
        const text = pieces.join('')
        check(`export default {${text}`, keys)
        check(text, keys)
      }),
      { numRuns: 2000 },
    )
  })

  test('property: any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), path, check))
  })

  test('S15: long texts take no long time', () => {
    const long = [
      '{',
      '[',
      '(',
      '`',
      '${',
      '/',
      '\\',
      "'",
      'a',
      '/*',
      '/[',
      '`${',
      '{a:',
      '...a,',
      'a=>',
      'const a=b;',
      ' ',
    ]
    for (const text of long) {
      const started = performance.now()
      check(`export default { a: ${text.repeat(20_000)}`, ['a', 'b', 'c'])
      expect(performance.now() - started, text).toBeLessThan(1500)
    }
  })

  function check(text: string, keys: readonly string[]): void {
    const place = sourceLocator(text)(keys)
    if (place === undefined) return
    const line = text.split('\n')[place.line - 1]
    expect(line).toBeDefined()
    expect(place.column).toBeLessThanOrEqual((line?.length ?? 0) + 1)
  }
})
