import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe } from 'vitest'
import { freePorts } from './consul-agent.js'

const notice = 'No nats-server here, so the tests with a real one are left out: apt-get install nats-server.'
const isThere = hasServer()

/** A group of tests that need a real NATS server. Where there is none they are left out; in CI that is a failure. */
export function describeWithNats(name: string, tests: () => void): void {
  if (!isThere && process.env.CI) throw new Error(notice)
  if (!isThere) process.stderr.write(`${notice}\n`)
  describe.runIf(isThere)(name, tests)
}

/** A real server on a port of its own, which it keeps over restarts, as it does what JetStream stored. */
export class NatsServer {
  readonly port: number
  readonly address: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'micro-nats-'))
  readonly #arguments: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, config: string) {
    this.port = port
    this.address = `127.0.0.1:${port}`
    const file = join(this.#folder, 'server.conf')
    writeFileSync(file, config.replaceAll('STORE', JSON.stringify(join(this.#folder, 'store'))))
    this.#arguments = ['-a', '127.0.0.1', '-p', String(port), '-c', file]
  }

  /** Started. `config`: lines of its configuration file. */
  static async start(config = ''): Promise<NatsServer> {
    const server = await NatsServer.make(config)
    await server.start()
    return server
  }

  static async startJetStream(config = ''): Promise<NatsServer> {
    return NatsServer.start(`jetstream { store_dir: STORE }\n${config}`)
  }

  static async make(config = ''): Promise<NatsServer> {
    const [port = 0] = await freePorts(1)
    return new NatsServer(port, config)
  }

  async start(): Promise<void> {
    const child = spawn('nats-server', [...this.#arguments], { stdio: 'ignore', env: withSbin() })
    child.on('error', () => {})
    this.#process = child
    for (let tries = 0; tries < 500; tries++) {
      if (await answers(this.port)) return
      await wait(10)
    }
    await this.kill()
    throw new Error('nats-server did not start')
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** For good. */
  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function hasServer(): boolean {
  try {
    execFileSync('nats-server', ['--version'], { stdio: 'ignore', env: withSbin() })
    return true
  } catch {
    return false
  }
}

/** Debian puts it where only root looks. */
function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('data', (line: Buffer) => {
      resolve(line.toString().startsWith('INFO '))
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
  })
}
