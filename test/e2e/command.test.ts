import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { command, endAll, folder, follow, listening } from './support/command.js'

const ANY_PORT = '--address=127.0.0.1:0'

afterEach(endAll)

describe('start', () => {
  test.each([[[]], [['start']], [['sidecar']], [['--registry=memory', 'sidecar']]])(
    '%j starts the runtime',
    async (words) => {
      const run = await listening([...words, ANY_PORT])
      const response = await fetch(`${run.url}/livez`)
      expect(response.status).toBe(200)
    },
  )

  test('one line on standard output says that it listens, in JSON where that is the format', async () => {
    const run = await listening([ANY_PORT, '--log-format=json'])
    const line = JSON.parse(await run.line(/listening/))
    expect(line).toMatchObject({ level: 'info', msg: 'listening', url: run.url, handler: 'rpc', registry: 'memory' })
    expect(Object.keys(line).slice(0, 3)).toEqual(['time', 'level', 'msg'])
    expect(run.stdout().match(/listening/g)).toHaveLength(1)
    expect(run.stdout()).not.toContain('Try')
    expect(run.stderr()).toBe('')
  })

  test('it is said at every log level, and for people where they asked for it', async () => {
    const run = await listening([ANY_PORT, '--log-format=pretty', '--log-level=silent'])
    expect(run.stdout()).toMatch(
      /^micro-sidecar \d+\.\d+\.\d+ listening on http:\/\/127\.0\.0\.1:\d+ {2}rpc · go\.micro\.srv · .*\n$/,
    )
  })

  test('S9: without flags, only this machine reaches it', async () => {
    const run = await listening(['--address=127.0.0.1:0'])
    const other = await fetch(run.url.replace('127.0.0.1', '127.0.0.2')).catch((error: Error) => error)
    expect(other).toBeInstanceOf(Error)
  })

  test('each request has its line in the access log', async () => {
    const run = await listening([ANY_PORT, '--log-format=json'])
    await fetch(`${run.url}/nobody/say/hello?token=c4n4ry`, { method: 'POST', body: '{}', headers: JSON_TYPE })
    const line = JSON.parse(await run.line(/"msg":"request"/))
    expect(Object.keys(line).join(' ')).toBe(
      'time level msg method path service node status error duration attempts requestId traceId',
    )
    expect(line).toMatchObject({
      method: 'POST',
      path: '/nobody/say/hello',
      service: 'go.micro.srv.nobody',
      status: 404,
    })
    expect(run.stdout()).not.toContain('c4n4ry')
  })

  test('R25: it rests in less than 80 MB', async () => {
    const run = await listening([ANY_PORT])
    const resident = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${run.child.pid}/status`, 'utf8'))?.[1]) / 1024
    await expect.poll(resident, { timeout: 15_000, interval: 500 }).toBeLessThan(80)
  })
})

describe('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('R4: %s ends it with 0', async (signal) => {
    const run = await listening([ANY_PORT])
    run.child.kill(signal)
    expect(await run.ended).toBe(0)
    expect(run.stderr()).toBe('')
    await expect(fetch(run.url)).rejects.toThrow()
  })

  test('R4: the second signal ends it at once', async () => {
    const files = await folder({ 'micro.config.mjs': hanging })
    const run = await listening([ANY_PORT], { cwd: files.path })
    run.child.kill('SIGTERM')
    await run.line(/stopping for ever/)
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(1)
    await files.remove()
  })

  test('a stop that hangs ends at drain.hard, with 1 and one line', async () => {
    const files = await folder({ 'micro.config.mjs': `const drain = { grace: 0, hard: '200ms' }\n${hanging}` })
    const run = await listening([ANY_PORT], { cwd: files.path })
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(1)
    expect(run.stderr()).toMatch(/^micro-sidecar: the stop took longer than drain\.hard .*\n$/)
    await files.remove()
  })

  test('R4: calls that the end of the drain cuts are told in one line, and make it 1', async () => {
    const files = await folder({ 'micro.config.mjs': neverAnswering })
    const run = await listening([ANY_PORT], { cwd: files.path })
    const call = fetch(`${run.url}/mute/`).catch(() => undefined)
    await run.line(/a call has come/)
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(1)
    expect(run.stderr()).toBe('micro-sidecar: 1 call was cut at the end of the drain\n')
    await call
    await files.remove()
  })

  test('R27: an error that nobody caught is logged in one line, and ends it with 1', async () => {
    const files = await folder({ 'micro.config.mjs': failing })
    const run = await listening([ANY_PORT, '--log-format=json'], { cwd: files.path })
    expect(await run.ended).toBe(1)
    const line = JSON.parse(await run.line(/"level":"error"/))
    expect(line).toMatchObject({ msg: 'uncaught exception', error: 'TypeError: a bug' })
    expect(run.stderr()).toBe('micro-sidecar: uncaught exception: TypeError: a bug\n')
    expect(run.stdout()).toContain('stopped cleanly')
    await files.remove()
  })

  test('a reader of standard output that goes away ends nothing', async () => {
    const run = await listening([ANY_PORT, '--log-format=json'])
    run.child.stdout?.destroy()
    for (let i = 0; i < 5; i++) expect((await fetch(`${run.url}/nobody/say/hello`)).status).toBe(405)
    expect(run.child.exitCode).toBe(null)
    run.child.kill('SIGTERM')
    await once(run.child, 'exit')
    expect(run.child.exitCode).toBe(0)
  })
})

describe('what stands in its way', () => {
  test('a port in use is told in one line, with what to do', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as AddressInfo
    const run = command([`--address=127.0.0.1:${port}`])
    expect(await run.ended).toBe(1)
    expect(run.stderr()).toMatch(new RegExp(`^micro-sidecar: 127.0.0.1:${port} is in use .*--address=.*\\n$`))
    expect(run.stdout()).not.toContain('listening')
    blocker.close()
  })

  test.each([
    [['--hander=rpc'], /--hander\n.*--handler/],
    [['--handler', 'grpc'], /rpc.*proxy/],
    [['strat'], /unknown command "strat".*"start"/],
    [['start', 'now'], /now/],
  ])('wrong usage %j ends with 2 and says what was meant', async (args, said) => {
    const run = command(args)
    expect(await run.ended).toBe(2)
    expect(run.stderr()).toMatch(said)
    expect(run.stderr()).not.toMatch(/^\s+at /m)
    expect(run.stdout()).toBe('')
  })

  test.each(['list', 'config', 'init'])('%s is told to come later', async (name) => {
    const run = command([name, 'anything'])
    expect(await run.ended).toBe(2)
    expect(run.stderr()).toMatch(new RegExp(`^micro-sidecar: .*${name}.* not available in this version.*\\n$`))
  })

  test('R23: every fault of a configuration is told at once, with its place, and ends it with 2', async () => {
    const files = await folder({
      'micro.config.json': '{\n  "hander": "rpc",\n  "client": {\n    "retries": "many"\n  }\n}\n',
    })
    const run = command([], { cwd: files.path, env: { MICRO_CLIENT_REQUEST_TIMEOUT: 'soon' } })
    expect(await run.ended).toBe(2)
    expect(run.stderr()).toMatch(/^micro-sidecar: the configuration has 3 faults\n/)
    expect(run.stderr()).toMatch(/micro\.config\.json:2:\d+\n\s+hander: .*handler/)
    expect(run.stderr()).toMatch(/micro\.config\.json:4:\d+\n\s+client\.retries: .*many/)
    expect(run.stderr()).toMatch(/MICRO_CLIENT_REQUEST_TIMEOUT\n\s+client\.timeout: .*soon/)
    expect(run.stderr()).not.toMatch(/^\s+at /m)
    await files.remove()
  })
})

describe('help', () => {
  test('--help is laid out in at most 100 columns and lists no command that does not work', async () => {
    const run = command(['--help'])
    expect(await run.ended).toBe(0)
    const lines = run.stdout().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(run.stdout()).toMatch(/--address/)
    expect(run.stdout()).not.toMatch(/\b(?:deregister|explain)\b/)
    expect(run.stdout()).not.toContain('\x1b')
  })

  test('--version is the package’s, through npx as well', async () => {
    const { stdout } = await promisify(execFile)('npx', ['--no-install', 'micro-sidecar', '--version'], {
      cwd: inject('installed'),
    })
    const manifest = JSON.parse(
      readFileSync(join(inject('installed'), 'node_modules/micro-sidecar/package.json'), 'utf8'),
    )
    expect(stdout).toBe(`${manifest.version}\n`)
  })

  test('a pipe that closes early is no error', async () => {
    const run = command(['--help'])
    run.child.stdout?.destroy()
    expect(await once(run.child, 'exit')).toEqual([0, null])
  })

  test('on a terminal it says what to try, and that works', async () => {
    const program = join(inject('installed'), 'node_modules/micro-sidecar/dist/cli.js')
    const line = `exec ${process.execPath} ${program} ${ANY_PORT}`
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm' }
    const run = follow(spawn('script', ['-qfec', line, '/dev/null'], { env }))
    const first = await run.line(/curl .*-d/)
    expect(await run.line(/listening on/)).toContain('\x1b[1mhttp://127.0.0.1:')
    const shown = stripVTControlCharacters(first).trim()
    const { stdout } = await promisify(execFile)('sh', ['-c', `${shown} -s -o /dev/null -w '%{http_code}'`])
    expect(stdout).toBe('200')
  })
})

const JSON_TYPE = { 'content-type': 'application/json' }

const hanging = `
export default {
  drain: typeof drain === 'undefined' ? {} : drain,
  plugins: [{ name: 'slow', stop: () => { console.log('stopping for ever'); return new Promise(() => setInterval(() => {}, 1000)) } }],
}
`

const failing = `
export default {
  plugins: [{ name: 'bug', start: () => void setTimeout(() => { throw new TypeError('a bug') }, 300), stop: () => console.log('stopped cleanly') }],
}
`

const neverAnswering = `
import { createServer } from 'node:http'
const server = createServer(() => console.log('a call has come'))
export default {
  handler: 'proxy',
  drain: { grace: '100ms' },
  plugins: [{
    name: 'mute',
    async start({ registry }) {
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      const nodes = [{ id: 'mute-1', address: '127.0.0.1', port: server.address().port, metadata: {} }]
      await registry.register({ name: 'go.micro.srv.mute', version: '', metadata: {}, endpoints: [], nodes })
    },
    stop: () => server.closeAllConnections(),
  }],
}
`
