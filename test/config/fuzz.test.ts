import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { FLAGS } from '../../src/config/flags.js'
import { resolveConfig } from '../../src/config/resolve.js'
import { ConfigError } from '../../src/errors.js'
import { load } from './workspace.js'

const RIGHT = {
  name: 'a.b',
  handler: 'proxy',
  address: '127.0.0.1:0',
  registry: 'memory',
  client: { timeout: '5s', retries: 2, breaker: { errorThreshold: 0.5 }, pool: { connections: 3 }, balancer: 'random' },
  services: { 'go.micro.srv.x': { timeout: '1s', protocol: 'mucp', breaker: false } },
  cors: ['http://a', '*'],
  auth: { token: `\${TOKEN:-x}`, open: false },
  limits: { body: '4mb', headersTimeout: '1s', requestTimeout: '2s' },
  drain: { grace: '1s', hard: '2s' },
  profiles: { test: { handler: 'rpc', cors: [] } },
}
const TEXTS = {
  json: JSON.stringify(RIGHT, undefined, 2),
  yaml: stringify(RIGHT),
  ts: `const x: number = 1\nexport default ${JSON.stringify(RIGHT, undefined, 2)} satisfies object\n`,
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'micro-config-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let count = 0
async function outcome(
  extension: string,
  text: string,
  call: Parameters<typeof load>[1] = {},
): Promise<'right' | 'wrong'> {
  const place = join(folder, String(count++))
  await mkdir(place)
  await writeFile(join(place, `micro.config.${extension}`), text)
  return load(place, { env: { NODE_ENV: 'test' }, ...call }).then(
    () => 'right' as const,
    (error: unknown) => {
      checkFaults(error)
      return 'wrong' as const
    },
  )
}

function checkFaults(error: unknown): void {
  if (!(error instanceof ConfigError)) throw error
  expect(error.faults.length).toBeGreaterThan(0)
  for (const { source, message, line = 1, column = 1 } of error.faults) {
    expect(source).not.toBe('')
    expect(message).toMatch(/^[^\n]+$/)
    expect(message).not.toMatch(/\bat .*:\d+:\d+/)
    expect(Math.min(line, column)).toBeGreaterThan(0)
  }
}

const cut = fc.record({ at: fc.nat(), length: fc.nat(20), put: fc.string({ maxLength: 4 }) })

describe('R23: a right file that was changed loads or is refused with faults, nothing else', () => {
  test.each(Object.entries(TEXTS))('the .%s file is right', async (extension, text) => {
    expect(await outcome(extension, text)).toBe('right')
  })

  test.each([
    ['json', 120],
    ['yaml', 100],
    ['ts', 30],
  ] as const)('bytes of a .%s file', async (extension, numRuns) => {
    const text = TEXTS[extension]
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 3 }), async (cuts) => {
        let changed = text
        for (const { at, length, put } of cuts) {
          const start = at % (changed.length + 1)
          changed = changed.slice(0, start) + put + changed.slice(start + length)
        }
        outcomes.add(await outcome(extension, changed))
      }),
      { numRuns },
    )
    expect(outcomes).toContain('wrong')
  })

  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(
      `\${`,
      `\${X}`,
      `\${X:-3}`,
      '5s',
      '-1',
      'auto',
      -1,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      2 ** 53,
      '__proto__',
    ),
  )

  test('values and keys anywhere in it', async () => {
    const paths = pathsOf(RIGHT, [])
    const change = fc.record({ path: fc.constantFrom(...paths), key: fc.option(fc.string()), value })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.boolean(), async (changes, isYaml) => {
        const config: unknown = structuredClone(RIGHT)
        for (const { path, key, value: put } of changes) place(config, key === null ? path : [...path, key], put)
        await outcome(isYaml ? 'yaml' : 'json', isYaml ? stringify(config) : JSON.stringify(config))
      }),
      { numRuns: 120 },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('values that a program holds', () => {
    const odd = fc.oneof(
      value,
      fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true, withNullPrototype: true }),
      fc.constantFrom<unknown>(() => {}, class {}, Symbol('x'), /x/, new Proxy({}, {}), Promise.resolve()),
    )
    const change = fc.record({ path: fc.constantFrom(...pathsOf(RIGHT, [])), value: odd })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const config: unknown = structuredClone(RIGHT)
        for (const { path, value: put } of changes) place(config, path, put)
        try {
          Reflect.apply(resolveConfig, undefined, [config, { env: {} }])
        } catch (error) {
          checkFaults(error)
        }
      }),
      { numRuns: 600 },
    )
  })

  test('flags and variables of any text', async () => {
    const names = FLAGS.map(({ name }) => name).filter((name) => name !== 'config')
    const text = fc.oneof(fc.string(), fc.constantFrom('1', 'true', 'memory', ':1', '5s', 'http://a', 'rpc'))
    const flags = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 5 })
    const env = fc.dictionary(fc.constantFrom(...FLAGS.flatMap((flag) => flag.env)), text, { maxKeys: 5 })
    await fc.assert(
      fc.asyncProperty(flags, env, async (given, variables) => {
        const argv = Object.entries(given).map(([name, value]) => `--${name}=${value}`)
        await outcome('json', '{}', { argv, env: { ...variables, MICRO_CONFIG: '' } })
      }),
      { numRuns: 120 },
    )
  })
})

function pathsOf(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))
  return path.length === 0 ? inside : [path, ...inside]
}

/** Puts a value at a path, as far as there are objects to put it in. */
function place(config: unknown, path: readonly string[], value: unknown): void {
  const parent = path
    .slice(0, -1)
    .reduce((at: unknown, key) => (isObject(at) ? Reflect.get(at, key) : undefined), config)
  if (isObject(parent)) {
    Object.defineProperty(parent, path.at(-1) ?? '', { value, enumerable: true, configurable: true, writable: true })
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
