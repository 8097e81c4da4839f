import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { assignedFunctions } from './support/assigned-functions.js'
import {
  everyNode,
  type Import,
  placeOf,
  root,
  type SourceFile,
  sourceFile,
  sources,
  valueImports,
} from './support/source.js'

const files = sources()

/** Who may import whom at run time. A room that is not listed is new: say here what it may use. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  app: ['errors', 'http', 'within'],
  broker: ['config', 'errors', 'http'],
  cli: ['config', 'errors', 'sidecar', 'telemetry', 'version'],
  client: ['codec', 'errors', 'registry', 'telemetry', 'transport'],
  codec: ['errors', 'json'],
  config: ['errors', 'json'],
  errors: [],
  handlers: ['client', 'codec', 'errors', 'http', 'json', 'middleware', 'router', 'transport'],
  http: ['errors'],
  json: [],
  middleware: ['errors', 'http'],
  plugin: ['broker', 'client', 'errors', 'registry', 'within'],
  registry: ['config', 'errors'],
  router: ['errors', 'http'],
  routes: ['broker', 'client', 'config', 'errors', 'http', 'registry', 'router', 'telemetry'],
  telemetry: ['version'],
  transport: ['errors', 'http'],
  version: [],
  within: [],
}

/** What puts the rooms together, and so may know them all. */
const ASSEMBLY = ['index', 'life', 'sidecar', 'running-sidecar', 'traffic', 'testing']

/** What a configuration chooses by name is known to what chooses, and to its own room, alone. */
const IMPLEMENTATION =
  /^(?:registry\/(?:consul|mdns|memory|static)|broker\/(?:http|memory|nats)|transport\/(?:undici|http1\/transport)|client\/balancers\/(?:ewma|hash|p2c|random|round-robin))\.ts$/
/** The index hands out the table of memory, for registries of one's own. */
const CHOOSES = ['plugin/slots.ts', 'sidecar.ts', 'index.ts']

describe('imports', () => {
  const between = valueImports(files).filter(({ from, to }) => from.room !== to.room)

  test('there are no cycles', () => {
    expect(cycles(valueImports(files, { lazy: false }))).toEqual([])
  })

  test('a room imports only what it may', () => {
    const wrong = between.filter(({ from, to }) => !ASSEMBLY.includes(from.room) && !MAY[from.room]?.includes(to.room))
    expect(wrong.map(arrow)).toEqual([])
  })

  test('no two rooms import each other', () => {
    const pairs = new Set(between.map(({ from, to }) => `${from.room} ${to.room}`))
    expect([...pairs].filter((pair) => pairs.has(pair.split(' ').reverse().join(' ')))).toEqual([])
  })

  test('implementations are imported only where they are chosen', () => {
    const wrong = between.filter(({ from, to }) => IMPLEMENTATION.test(to.name) && !CHOOSES.includes(from.name))
    expect(wrong.map(arrow)).toEqual([])
  })

  test('only an index is a barrel', () => {
    const barrels = files.filter(
      ({ name, tree }) => name !== 'index.ts' && name !== 'testing.ts' && tree.statements.length > 0,
    )
    const reexporting = barrels.filter(({ tree }) =>
      tree.statements.every(
        (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
      ),
    )
    expect(reexporting.map(({ name }) => name)).toEqual([])
  })
})

describe('types', () => {
  test('nothing is any, cast twice, asserted to be there or silenced', () => {
    const places: string[] = []
    for (const file of files) {
      everyNode(file, (node) => {
        const twice = ts.isAsExpression(node) && ts.isAsExpression(node.expression)
        if (node.kind === ts.SyntaxKind.AnyKeyword || twice || ts.isNonNullExpression(node))
          places.push(placeOf(file, node))
      })
      if (/@ts-(?:ignore|nocheck|expect-error)|biome-ignore/.test(file.text)) places.push(file.name)
    }
    expect(places).toEqual([])
  })
})

describe('sizes', () => {
  test('no file is longer than 200 lines', () => {
    const long = files
      .map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 200)
    expect(long).toEqual([])
  })

  test('no function is longer than 40 lines', () => {
    const long: string[] = []
    for (const file of files) {
      everyNode(file, (node) => {
        if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
        const lineOf = (position: number) => file.tree.getLineAndCharacterOfPosition(position).line
        const lines = lineOf(node.end) - lineOf(node.getStart(file.tree)) + 1
        if (lines > 40) long.push(`${placeOf(file, node)} (${lines} lines)`)
      })
    }
    expect(long).toEqual([])
  })
})

describe('the request path', () => {
  const rooms = ['client', 'handlers', 'http', 'router', 'transport']
  /** One is assigned when the server closes; the other for each exchange, in the transport that is not the default. */
  const allowed = ['http/caller-server.ts: this.#idle', 'transport/undici.ts: handler.countUse']

  test('no function literal is assigned to a property: V8 makes it an old object at once (docs/speed.md)', () => {
    const assigned = files.filter(({ room }) => rooms.includes(room)).flatMap(assignedFunctions)
    expect(assigned.filter(({ what }) => !allowed.includes(what)).map(({ place }) => place)).toEqual([])
  })

  test.for([
    'call.onEnd = () => this',
    'call.onEnd = async () => this',
    'call.onEnd ??= function () {}',
    'call.onEnd ||= (() => this)',
    'call[name] = () => this',
    'this.#onEnd = () => this',
    'class Call { onEnd; constructor() { this.onEnd = () => this } }',
  ])('%s is found', (text) => {
    expect(assignedFunctions(sourceFile('client/made-up.ts', text))).toHaveLength(1)
  })

  test.for([
    'const onEnd = () => this',
    'call = { onEnd: () => this }',
    'call.onEnd(() => this)',
    'class Call { onEnd = () => this }',
    'call.onEnd = onEnd',
    'if (call.onEnd == onEnd) end()',
  ])('%s is not', (text) => {
    expect(assignedFunctions(sourceFile('client/made-up.ts', text))).toEqual([])
  })
})

describe('what is committed', () => {
  const committed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)

  test('the lock file names no registry', () => {
    const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(read('package-lock.json'))
    expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  test('no text holds a path of some machine or the address of a package registry', () => {
    const foreign = new RegExp([`/${'work'}/`, `/${'root'}/`, `//registry${'\\.'}`, `npmjs${'\\.'}org`].join('|'))
    expect(committed.filter((name) => foreign.test(read(name)))).toEqual([])
  })

  test('nothing is left unfinished or skipped', () => {
    const unfinished = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`)
    const skipped = new RegExp(`\\b(?:it|test|describe)\\.(?:${['sk' + 'ip', 'on' + 'ly', 'to' + 'do'].join('|')})\\b`)
    const code = committed.filter((name) => /\.(?:ts|mjs|js)$/.test(name))
    expect(code.filter((name) => unfinished.test(read(name)) || skipped.test(read(name)))).toEqual([])
  })
})

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}

function arrow({ from, to }: Import): string {
  return `${from.name} -> ${to.name}`
}

function cycles(imports: readonly Import[]): string[] {
  const next = new Map<SourceFile, SourceFile[]>()
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to])
  const found: string[] = []
  const done = new Set<SourceFile>()
  const visit = (file: SourceFile, trail: readonly SourceFile[]) => {
    const start = trail.indexOf(file)
    if (start !== -1) found.push([...trail.slice(start), file].map(({ name }) => name).join(' -> '))
    if (start !== -1 || done.has(file)) return
    for (const to of next.get(file) ?? []) visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}
