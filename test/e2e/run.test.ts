import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { command, endAll, folder, follow, listening, type Run } from './support/command.js'

const NAME = 'go.micro.srv.cart'
const ANY_PORT = '--address=127.0.0.1:0'
const JSON_LOG = '--log-format=json'
/** Whatever may answer on this machine. */
const MEMORY = '--registry=memory'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
  await endAll()
})

/** An application whose sidecar was killed would live on: the second signal ends both. */
function endWithApp({ child, ended }: Run): void {
  open.push(async () => {
    child.kill('SIGTERM')
    child.kill('SIGINT')
    await ended
  })
}

/** What the application does: one behaviour a word. */
const APP = `
import { createServer } from 'node:http'
const [port, ...words] = process.argv.slice(2)
const say = (text) => console.log('app ' + text)
const does = (word) => words.includes(word)
const url = process.env.MICRO_SIDECAR_URL
let health = does('slow') ? 503 : 200
const server = createServer((request, response) => {
  if (request.url === '/ill') health = 500
  response.writeHead(request.url === '/health' ? health : 200).end('from the app')
})
say('has ' + url + ' ' + process.env.MICRO_SIDECAR_ADDRESS + ' ' + JSON.stringify(words))
server.listen(Number(port), '127.0.0.1', () => say('is up'))
if (does('reads')) process.stdin.on('data', (text) => say('read ' + String(text).trim()))
if (does('slow')) setTimeout(() => { health = 200; say('is well now') }, 700)
if (does('fails')) setTimeout(() => process.exit(7), 700)
if (does('dies')) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 700)
for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) process.on(signal, () => say('got ' + signal))
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, async () => {
    say('got ' + signal + ' at ' + Date.now())
    if (does('stubborn')) return
    const listed = await fetch(url + '/registry?service=${NAME}')
    say('finds itself ' + listed.status)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const called = await fetch(url + '/other', { method: 'POST', body: 'x' })
    say('called out ' + called.status + ' ' + await called.text())
    process.exit(5)
  })
}
`

async function appFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const made = await folder({ 'app.mjs': APP, ...files })
  open.push(() => made.remove())
  return made.path
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

async function run(words: readonly string[], flags: readonly string[] = [], options: { cwd?: string } = {}) {
  const port = await freePort()
  const cwd = options.cwd ?? (await appFolder())
  const server = [`--server_name=${NAME}`, `--server_address=127.0.0.1:${port}`]
  const program = ['node', join(cwd, 'app.mjs'), String(port), ...words]
  const started = await listening(['run', ANY_PORT, MEMORY, JSON_LOG, ...server, ...flags, '--', ...program], { cwd })
  endWithApp(started)
  return { ...started, port }
}

async function nodesAt(url: string): Promise<{ id: string; port: number }[]> {
  const answer = await fetch(`${url}/registry?service=${NAME}`)
  const services = answer.status === 404 ? [] : ((await answer.json()) as { nodes: { id: string; port: number }[] }[])
  return services.flatMap(({ nodes }) => nodes)
}

function order(started: Run, ...texts: string[]): number[] {
  return texts.map((text) => started.stdout().indexOf(text))
}

describe('run', () => {
  test('tells the application where the sidecar is, and registers it once its port takes connections', async () => {
    const app = await run(['$HOME', '*; exit 1'])
    const address = app.url.replace('http://', '')
    await app.line(/app has/)
    expect(app.stdout(), 'S22: no shell').toContain(`app has ${app.url} ${address} ["$HOME","*; exit 1"]`)
    await app.line(/"msg":"the application is registered"/)
    const nodes = await nodesAt(app.url)
    expect(nodes).toMatchObject([{ id: expect.stringMatching(`^${NAME}-`), port: app.port }])
    expect(order(app, '"listening"', 'waiting for the application', 'the application is registered')).toEqual(
      order(app, '"listening"', 'waiting for the application', 'the application is registered').toSorted(
        (a, b) => a - b,
      ),
    )
  })

  test('waits for its health, and says so', async () => {
    const port = await freePort()
    const cwd = await appFolder()
    const health = `http://127.0.0.1:${port}/health`
    const flags = [`--server_name=${NAME}`, `--server_address=:${port}`, `--healthcheck_url=${health}`]
    const program = ['node', 'app.mjs', String(port), 'slow']
    const app = await listening(['run', ANY_PORT, MEMORY, JSON_LOG, ...flags, '--', ...program], { cwd })
    endWithApp(app)
    const waiting = JSON.parse(await app.line(/waiting for the application/))
    expect(waiting).toMatchObject({ level: 'info', what: `health at ${health}` })
    await app.line(/app is up/)
    expect(await nodesAt(app.url)).toEqual([])
    expect((await fetch(`${app.url}/health`)).status).toBe(503)
    await app.line(/"msg":"the application is registered"/)
    const [well = 0, registered = 0] = order(app, 'app is well now', 'the application is registered')
    expect(well).toBeGreaterThan(0)
    expect(well).toBeLessThan(registered)
    expect(await (await fetch(`${app.url}/health`)).json()).toMatchObject({
      ...{ status: 'ok', draining: false, registry: { name: 'memory' } },
      app: { name: NAME, healthy: true, registered: true, status: 200 },
    })
  })

  test.each([
    ['fails', 7],
    ['dies', 128 + 9],
  ])('ends as the application does: it %s', async (word, code) => {
    const app = await run([word])
    expect(await app.ended).toBe(code)
    expect(app.stderr()).toBe('')
  })

  test('hands signals on and goes on itself', async () => {
    const app = await run([])
    await app.line(/app is up/)
    for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
      app.child.kill(signal)
      await app.line(new RegExp(`app got ${signal}`))
    }
    expect((await fetch(`${app.url}/livez`)).status).toBe(200)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'R4: %s: out of the registry, then the signal, and it can call out until it has gone',
    async (signal) => {
      const cwd = await appFolder({ 'micro.config.mjs': OTHER })
      const app = await run([], ['--handler=proxy'], { cwd })
      await app.line(/"msg":"the application is registered"/)
      app.child.kill(signal)
      expect(await app.ended).toBe(5)
      expect(app.stderr()).toBe('')
      const out = app.stdout()
      expect(out).toContain('app finds itself 404')
      const { time } = JSON.parse(await app.line(/the application is out of the registry/))
      const heard = Number(/app got (\w+) at (\d+)/.exec(out)?.[2])
      expect(out).toContain(`app got ${signal} `)
      expect(Date.parse(time)).toBeLessThanOrEqual(heard)
      expect(out).toContain('app called out 200 from the other')
      await expect(fetch(app.url)).rejects.toThrow()
    },
  )

  test('an application that does not end is killed within drain.hard, which is told in one line and makes it 1', async () => {
    const drain = 'export default { drain: { grace: 100, hard: 800 } }'
    const app = await run(['stubborn'], [], { cwd: await appFolder({ 'micro.config.mjs': drain }) })
    await app.line(/app is up/)
    const pid = JSON.parse(await app.line(/the application is started/)).pid
    const began = performance.now()
    app.child.kill('SIGTERM')
    expect(await app.ended).toBe(1)
    expect(performance.now() - began).toBeLessThan(1500)
    expect(app.stderr()).toMatch(/^micro-sidecar: the application did not end in time and was killed\n$/)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('the second signal ends both at once', async () => {
    const app = await run(['stubborn'])
    await app.line(/app is up/)
    app.child.kill('SIGTERM')
    await app.line(/app got SIGTERM/)
    app.child.kill('SIGTERM')
    expect(await app.ended).toBe(1)
    const asking = () => fetch(`http://127.0.0.1:${app.port}/`).catch(() => 'gone')
    await expect.poll(asking).toBe('gone')
  })

  test('on a terminal Ctrl-C reaches the application in its turn, once, and it reads what is typed', async () => {
    const cwd = await appFolder({ 'micro.config.mjs': OTHER })
    const port = await freePort()
    const program = join(inject('installed'), 'node_modules/micro-sidecar/dist/cli.js')
    const flags = `--address=127.0.0.1:0 ${MEMORY} --handler=proxy --server_name=${NAME} --server_address=127.0.0.1:${port}`
    const line = `exec ${process.execPath} ${program} run ${flags} -- ${process.execPath} app.mjs ${port} reads`
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', NO_COLOR: '1' }
    const terminal = follow(spawn('script', ['-qefc', line, '/dev/null'], { cwd, env }))
    endWithApp(terminal)
    await terminal.line(/the application is registered/)
    terminal.child.stdin?.write('hello\n')
    await terminal.line(/app read hello/)
    terminal.child.stdin?.write('\x03')
    expect(await terminal.ended).toBe(5)
    expect(terminal.stdout().match(/app got SIGINT/g)).toHaveLength(1)
    expect(terminal.stdout()).toContain('app finds itself 404')
  })

  test.each([
    ['/nonexistent/program', 127, 'there is no such program'],
    ['/', 126, 'it is not a program that this user may run'],
  ])('%s cannot be started: one line, %i', async (program, code, why) => {
    const started = command(['run', ANY_PORT, '--', program])
    expect(await started.ended).toBe(code)
    expect(started.stderr()).toBe(`micro-sidecar: cannot start ${program}: ${why}\n`)
  })

  test.each([
    [['run'], /run starts a program, and there is none: micro-sidecar run -- node app\.js/],
    [['run', 'node', 'app.js'], /unexpected "node": a program to run stands behind --/],
    [['start', '--', 'node'], /unexpected "node": start takes options only/],
    [['run', '--server_name=x', '--', 'true'], /flag --server_name\n {4}app\.name: .*--server_address.* missing/],
  ])('wrong usage %j ends with 2', async (words, said) => {
    const started = command(words)
    expect(await started.ended).toBe(2)
    expect(started.stderr()).toMatch(said)
    expect(started.stdout()).toBe('')
  })

  test('app.command does the same for start, and without a name nothing is registered', async () => {
    const config = `export default { app: { command: ['node', '-e', 'setTimeout(() => process.exit(4), 300)'] } }`
    const started = await listening(['start', ANY_PORT, JSON_LOG], {
      cwd: await appFolder({ 'micro.config.mjs': config }),
    })
    expect(await started.ended).toBe(4)
    expect(started.stdout()).not.toContain('registered')
  })
})

describe('an application that somebody else runs', () => {
  test.each([
    [[`--server_name=${NAME}`], 'flag --server_name'],
    [['--server-address=127.0.0.1:9090'], 'flag --server_address'],
  ])('%j alone ends with 2 and says what is missing', async (flags, source) => {
    const started = command([ANY_PORT, ...flags])
    expect(await started.ended).toBe(2)
    expect(started.stderr()).toContain(source)
    expect(started.stderr()).toMatch(/app\.(?:name|address) \(--server_(?:name|address)\) is missing/)
    const variable = command([ANY_PORT], { env: { MICRO_SIDECAR_SERVER_NAME: NAME } })
    expect(await variable.ended).toBe(2)
    expect(variable.stderr()).toContain('environment MICRO_SIDECAR_SERVER_NAME')
  })

  test('R15: its health takes it out of the registry and lets it in again', async () => {
    let status = 200
    const server = createServer((_request, response) => void response.writeHead(status).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const files = { 'micro.config.json': '{ "app": { "healthcheck": { "interval": "200ms" } } }' }
    const flags = [`--server_name=${NAME}`, `--server_address=127.0.0.1:${port}`]
    const health = `--healthcheck_url=http://127.0.0.1:${port}/health`
    const { url } = await listening([ANY_PORT, MEMORY, ...flags, health], { cwd: await appFolder(files) })
    await expect.poll(() => nodesAt(url)).toHaveLength(1)
    status = 503
    await expect.poll(() => nodesAt(url), { timeout: 2000 }).toHaveLength(0)
    expect((await fetch(`${url}/health`)).status).toBe(503)
    status = 200
    await expect.poll(() => nodesAt(url), { timeout: 1000 }).toHaveLength(1)
  })

  test('R18: after a SIGKILL nothing is left beyond the ttl, and a restart makes no second node', async () => {
    const other = await listening([ANY_PORT, MEMORY])
    const cwd = await appFolder({ 'micro.config.mjs': SHARED })
    const env = { SHARED: other.url }
    const flags = [ANY_PORT, `--server_name=${NAME}`, '--server_address=127.0.0.1:9090', '--register_ttl=3']
    const first = await listening(flags, { cwd, env })
    await expect.poll(() => nodesAt(other.url)).toHaveLength(1)
    const [node] = await nodesAt(other.url)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await nodesAt(other.url), 'its last renewal still counts').toHaveLength(1)
    const second = await listening(flags, { cwd, env })
    await second.line(/registered/)
    expect(await nodesAt(other.url)).toEqual([node])
    second.child.kill('SIGKILL')
    await second.ended
    const killed = performance.now()
    await expect.poll(() => nodesAt(other.url), { timeout: 5000 }).toHaveLength(0)
    expect(performance.now() - killed).toBeLessThan(4000)
    const third = await listening(flags, { cwd, env })
    await expect.poll(() => nodesAt(other.url)).toHaveLength(1)
    third.child.kill('SIGTERM')
    expect(await third.ended).toBe(0)
    expect(await nodesAt(other.url)).toHaveLength(0)
  })
})

/** Another service, which the application calls through the sidecar. */
const OTHER = `
import { createServer } from 'node:http'
const server = createServer((request, response) => response.end('from the other'))
export default {
  plugins: [{
    name: 'other',
    async start({ registry }) {
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      const nodes = [{ id: 'other-1', address: '127.0.0.1', port: server.address().port, metadata: {} }]
      await registry.register({ name: 'go.micro.srv.other', version: '', metadata: {}, endpoints: [], nodes })
    },
    stop: () => server.close(),
  }],
}
`

/** A registry that is another sidecar. */
const SHARED = `
const ask = async (method, query, service) => {
  const headers = { 'content-type': 'application/json' }
  const body = service === undefined ? undefined : JSON.stringify(service)
  const answer = await fetch(process.env.SHARED + '/registry' + query, { method, headers, body })
  if (answer.status !== 200 && answer.status !== 404) throw new Error('status ' + answer.status)
  return answer.status === 200 && method === 'GET' ? answer.json() : []
}
export default {
  registry: () => ({
    name: 'other',
    register: (service, { ttl } = {}) => ask('POST', ttl === undefined ? '' : '?ttl=' + ttl + 'ms', service),
    deregister: (service) => ask('DELETE', '', service),
    getService: (name) => ask('GET', '?service=' + name),
    listServices: () => ask('GET', ''),
    watch: () => () => {},
    close: async () => {},
  }),
}
`
