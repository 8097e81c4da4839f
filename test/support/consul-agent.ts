import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe } from 'vitest'
import { findConsul } from '../../scripts/consul.mjs'

const binary = findConsul()
const notice = 'No Consul here, so the tests with a real one are left out: node scripts/consul.mjs --build makes one.'

/** A group of tests that need a real Consul. Where there is none they are left out; in CI that is a failure. */
export function describeWithConsul(name: string, tests: () => void): void {
  if (binary === undefined && process.env.CI) throw new Error(notice)
  if (binary === undefined) process.stderr.write(`${notice}\n`)
  describe.runIf(binary !== undefined)(name, tests)
}

/** A real agent on ports of its own. */
export class ConsulAgent {
  readonly port: number
  readonly address: string
  readonly #arguments: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, settings: readonly string[]) {
    this.port = port
    this.address = `127.0.0.1:${port}`
    this.#arguments = settings
  }

  /** Started, and with a leader. `more`: further arguments. */
  static async start(more: readonly string[] = []): Promise<ConsulAgent> {
    const agent = await ConsulAgent.make(more)
    await agent.start()
    return agent
  }

  static async make(more: readonly string[] = []): Promise<ConsulAgent> {
    const [http = 0, server, serf] = await freePorts(3)
    const ports = { 'http-port': http, 'server-port': server, 'serf-lan-port': serf }
    const off = { 'dns-port': -1, 'grpc-port': -1, 'grpc-tls-port': -1, 'serf-wan-port': -1 }
    const flags = Object.entries({ ...ports, ...off }).flatMap(([name, port]) => [`-${name}`, String(port)])
    return new ConsulAgent(http, ['agent', '-dev', '-log-level', 'error', ...flags, ...more])
  }

  async start(): Promise<void> {
    this.#process = spawn(binary ?? '', [...this.#arguments], { stdio: 'ignore' })
    this.#process.on('error', () => {})
    try {
      await this.ready()
    } catch (error) {
      await this.kill()
      throw error
    }
  }

  async ready(): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      if (await this.#hasLeader()) return
      await wait(20)
    }
    throw new Error('Consul did not start')
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** Forgets everything: it keeps nothing on disk. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** `GET /v1/…`, or `PUT` with a body. */
  async ask<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const init = body === undefined ? { headers } : { method: 'PUT', body: JSON.stringify(body), headers }
    const response = await fetch(`http://${this.address}/v1/${path}`, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  async #hasLeader(): Promise<boolean> {
    try {
      return (await this.ask<string>('status/leader')) !== ''
    } catch {
      return false
    }
  }
}

/** Free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address()
          resolve(typeof address === 'object' && address !== null ? address.port : 0)
        })
      }),
  )
  const found = await Promise.all(ports)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return found
}
