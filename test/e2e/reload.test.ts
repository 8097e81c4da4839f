import { once } from 'node:events'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { endAll, folder, listening, type Run, type RunOptions } from './support/command.js'

const open: (() => unknown)[] = []
afterEach(async () => {
  await endAll()
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
})

const flags = ['--address=127.0.0.1:0', '--registry=memory', '--handler=proxy']

async function workspace(files: Readonly<Record<string, string>>): Promise<string> {
  const made = await folder(files)
  open.push(() => made.remove())
  return made.path
}

/** The packed command before a node that says its path. */
async function start(cwd: string, more: readonly string[] = [], options: RunOptions = {}) {
  const run = await listening([...flags, ...more], { cwd, ...options })
  const node = createServer((request, response) => response.end(request.url)).listen(0, '127.0.0.1')
  await once(node, 'listening')
  open.push(() => node.close())
  const { port } = node.address() as AddressInfo
  for (const name of ['one.app', 'two.app', 'three.app']) {
    const body = JSON.stringify({ name, nodes: [{ id: name, address: '127.0.0.1', port }] })
    await fetch(`${run.url}/registry`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
  }
  return run
}

/** In which namespace the sidecar finds what only that one has. */
async function namespaceOf(run: Run & { url: string }): Promise<string> {
  const answer = await fetch(`${run.url}/nobody/x`)
  const { detail } = (await answer.json()) as { detail: string }
  return /([\w-]+)\.nobody/.exec(detail)?.[1] ?? detail
}

const becomes = (run: Run & { url: string }, namespace: string) =>
  expect.poll(() => namespaceOf(run), { timeout: 5000 }).toBe(namespace)

describe('R22, complaint 10: the packed command reloads', () => {
  test('when its file changes: written again, or another one in its place', async () => {
    const cwd = await workspace({ 'micro.config.json': '{ "namespace": "one" }' })
    const run = await start(cwd)
    await becomes(run, 'one')
    await writeFile(join(cwd, 'micro.config.json'), '{ "namespace": "two" }')
    await becomes(run, 'two')
    await writeFile(join(cwd, 'next'), '{ "namespace": "three" }')
    await rename(join(cwd, 'next'), join(cwd, 'micro.config.json'))
    await becomes(run, 'three')
    expect(run.stdout()).toContain('the configuration is reloaded')
    expect(run.stderr()).toBe('')
  })

  test('when a file changes that it imports, TypeScript and plain; and middleware of it is in force', async () => {
    const cwd = await workspace({
      'package.json': '{ "type": "module" }',
      'micro.config.ts': `
        import { defineConfig } from 'micro-sidecar'
        import { namespace } from './deep/namespace.js'
        import { mark } from './mark.mjs'
        export default defineConfig({ namespace, middleware: [{ name: 'mark', onResponse: mark }] })`,
      'mark.mjs': `export const mark = ({ response }) => { response.headers['x-mark'] = 'first' }`,
    })
    await mkdir(join(cwd, 'deep'))
    await writeFile(join(cwd, 'deep/namespace.ts'), `export const namespace: string = 'one'`)
    const run = await start(cwd)
    await becomes(run, 'one')
    await writeFile(join(cwd, 'deep/namespace.ts'), `export const namespace: string = 'two'`)
    await becomes(run, 'two')
    const mark = async () => (await fetch(`${run.url}/app/x`)).headers.get('x-mark')
    expect(await mark()).toBe('first')
    await writeFile(
      join(cwd, 'mark.mjs'),
      `export const mark = ({ response }) => { response.headers['x-mark'] = 'next' }`,
    )
    await expect.poll(mark, { timeout: 5000 }).toBe('next')
  })

  test('when Kubernetes exchanges a mounted configuration', async () => {
    const cwd = await workspace({})
    for (const name of ['one', 'two']) {
      await mkdir(join(cwd, `..${name}`))
      await writeFile(join(cwd, `..${name}/micro.config.yaml`), `namespace: ${name}`)
    }
    await symlink('..one', join(cwd, '..data'))
    await symlink('..data/micro.config.yaml', join(cwd, 'micro.config.yaml'))
    const run = await start(cwd)
    await symlink('..two', join(cwd, '..next'))
    await rename(join(cwd, '..next'), join(cwd, '..data'))
    await rm(join(cwd, '..one'), { recursive: true })
    await becomes(run, 'two')
  })

  test('when a configuration appears where there was none', async () => {
    const cwd = await workspace({})
    const run = await start(cwd)
    await becomes(run, 'srv')
    await writeFile(join(cwd, 'micro.config.json'), '{ "namespace": "two" }')
    await becomes(run, 'two')
  })

  test('when another kind of file takes the place of its own', async () => {
    const cwd = await workspace({ 'micro.config.json': '{ "namespace": "one" }' })
    const run = await start(cwd)
    await rm(join(cwd, 'micro.config.json'))
    await expect.poll(() => run.stderr()).toContain('there is no such file')
    await writeFile(join(cwd, 'micro.config.yaml'), 'namespace: two')
    await becomes(run, 'two')
  })

  test('a token in a file, which is asked for at once', async () => {
    const cwd = await workspace({ token: 'first-token' })
    const run = await start(cwd)
    const guarded = await listening([...flags, '--token-file=token'], { cwd })
    const status = async (token: string) =>
      (await fetch(`${guarded.url}/registry`, { headers: { Authorization: `Bearer ${token}` } })).status
    expect(await status('first-token')).toBe(200)
    await writeFile(join(cwd, 'token'), 'second-token')
    await expect.poll(() => status('second-token'), { timeout: 5000 }).toBe(200)
    expect(await status('first-token')).toBe(403)
    expect(run.stderr()).toBe('')
  })

  test('at SIGHUP, and only then with --no-watch; the environment and flags stand over the file as before', async () => {
    const cwd = await workspace({ 'micro.config.json': '{ "namespace": "one", "cors": ["http://a.example"] }' })
    const run = await start(cwd, ['--no-watch', '--cors=http://b.example'])
    await writeFile(join(cwd, 'micro.config.json'), '{ "namespace": "two", "cors": ["http://c.example"] }')
    await pause(500)
    expect(await namespaceOf(run)).toBe('one')
    run.child.kill('SIGHUP')
    await becomes(run, 'two')
    const answer = await fetch(`${run.url}/app/x`, { headers: { Origin: 'http://b.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://b.example')
  })

  test('with an application as its child SIGHUP is for both', async () => {
    const app = `process.on('SIGHUP', () => console.log('app got SIGHUP')); setInterval(() => {}, 1000)`
    const cwd = await workspace({ 'micro.config.json': '{ "namespace": "one" }', 'app.mjs': app })
    const run = await listening(['run', ...flags, '--', process.execPath, 'app.mjs'], { cwd })
    await run.line(/application is started/)
    await pause(300)
    await writeFile(join(cwd, 'micro.config.json'), '{ "namespace": "two", "app": { "command": ["other"] } }')
    run.child.kill('SIGHUP')
    await run.line(/app got SIGHUP/)
    await becomes(run, 'two')
    expect(run.stdout()).not.toContain('app.command')
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(143)
  })

  test('what wants a restart is said with its key', async () => {
    const cwd = await workspace({ 'micro.config.json': '{ "address": "127.0.0.1:0" }' })
    const run = await listening(['--registry=memory', '--log-format=json'], { cwd })
    await writeFile(join(cwd, 'micro.config.json'), '{ "address": "127.0.0.1:1" }')
    const line = JSON.parse(await run.line(/restart/))
    expect(line).toMatchObject({ level: 'warn', key: 'address', inForce: '127.0.0.1:0', wanted: '127.0.0.1:1' })
  })
})

describe('R22, complaint 9: what is broken changes nothing, and is told once as at a start', () => {
  const faults: readonly (readonly [string, (cwd: string) => Promise<unknown>, RegExp])[] = [
    [
      'a wrong value',
      (cwd) => writeFile(join(cwd, 'micro.config.json'), '{\n  "client": { "retries": "many" }\n}'),
      /micro\.config\.json:2:15\s+(?:\S+ )?client\.retries: found "many"/,
    ],
    [
      'an unknown key',
      (cwd) => writeFile(join(cwd, 'micro.config.json'), '{\n  "namespaze": "x"\n}'),
      /micro\.config\.json:2:3[\s\S]*namespaze: unknown key, did you mean "namespace"/,
    ],
    [
      'half of a file',
      (cwd) => writeFile(join(cwd, 'micro.config.json'), '{ "namespace": "tw'),
      /micro\.config\.json:1:\d+[\s\S]*no valid JSON/,
    ],
    ['an empty file', (cwd) => writeFile(join(cwd, 'micro.config.json'), ''), /micro\.config\.json[\s\S]*it is empty/],
    ['no file', (cwd) => rm(join(cwd, 'micro.config.json')), /micro\.config\.json[\s\S]*there is no such file/],
    [
      'what cannot be read',
      async (cwd) => {
        await rm(join(cwd, 'micro.config.json'))
        await mkdir(join(cwd, 'micro.config.json'))
      },
      /micro\.config\.json[\s\S]*it is no file/,
    ],
    [
      'a registry that nobody has',
      (cwd) => writeFile(join(cwd, 'micro.config.json'), '{ "client": { "balancer": "nobody-has-it" } }'),
      /client\.balancer[\s\S]*nobody-has-it/,
    ],
  ]

  test.each(faults)('%s', async (_name, breaks, words) => {
    const cwd = await workspace({ 'micro.config.json': '{ "namespace": "one" }' })
    const run = await start(cwd, ['--log-format=json'])
    await breaks(cwd)
    await expect.poll(() => run.stderr(), { timeout: 5000 }).toMatch(words)
    const said = run.stderr()
    expect(said).toContain('what was in force before stays')
    expect(said).not.toMatch(/^\s+at /m)
    const line = JSON.parse(await run.line(/is not reloaded/))
    expect(line).toMatchObject({
      level: 'error',
      faults: expect.stringMatching(/micro\.config\.json|client\.balancer/),
    })
    await pause(2500)
    expect(run.stderr()).toBe(said)
    expect(await namespaceOf(run)).toBe('one')
    expect(await (await fetch(`${run.url}/app/x`)).text()).toBe('/app/x')
    await rm(join(cwd, 'micro.config.json'), { recursive: true, force: true })
    await writeFile(join(cwd, 'micro.config.json'), '{ "namespace": "two" }')
    await becomes(run, 'two')
  })

  test('an import that is missing, and one that is broken: mended, it is taken over', async () => {
    const config = (name: string) => `import { namespace } from './${name}.js'\nexport default { namespace }`
    const cwd = await workspace({ 'micro.config.ts': config('one'), 'one.ts': `export const namespace = 'one'` })
    const run = await start(cwd)
    await writeFile(join(cwd, 'micro.config.ts'), config('two'))
    await expect.poll(() => run.stderr(), { timeout: 5000 }).toMatch(/micro\.config\.ts[\s\S]*two/)
    await writeFile(join(cwd, 'two.ts'), `export const namespace = = 'two'`)
    await expect.poll(() => run.stderr(), { timeout: 5000 }).toMatch(/two\.ts:1:\d+/)
    expect(await namespaceOf(run)).toBe('one')
    await writeFile(join(cwd, 'two.ts'), `export const namespace: string = 'two'`)
    await becomes(run, 'two')
  })

  test('R27: a plugin that does not start is named', async () => {
    const config = (start: string) =>
      `export default { namespace: 'two', plugins: [{ name: 'bad', start() { ${start} } }] }`
    const cwd = await workspace({ 'micro.config.ts': `export default { namespace: 'one' }` })
    const run = await start(cwd)
    await writeFile(join(cwd, 'micro.config.ts'), config(`throw new Error('no luck')`))
    await expect.poll(() => run.stderr(), { timeout: 5000 }).toContain('plugin bad did not start: no luck')
    expect(await namespaceOf(run)).toBe('one')
    await writeFile(join(cwd, 'micro.config.ts'), config(''))
    await becomes(run, 'two')
  })
})
