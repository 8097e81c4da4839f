import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** How the application's process ended. */
export interface AppEnd {
  /** Its exit code; 128 + n after signal n; as shells have it, 127 where there is no such program, 126 where it is none. */
  readonly code: number
  /** What went wrong, where the code does not say it. */
  readonly complaint?: string
}

/** The application as a child of this process: it has the terminal, the environment and the signals of its parent. */
export class AppProcess {
  readonly ended: Promise<AppEnd>
  readonly #child: ChildProcess
  #end: AppEnd | undefined
  /** On a terminal Ctrl-C reaches a whole group, and the application shall hear of it in its turn. */
  readonly #isApart = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY)
  #killed = false

  constructor(command: readonly string[], variables: Readonly<Record<string, string>>) {
    const [program = '', ...parameters] = command
    const env = { ...process.env, ...variables }
    this.#child = spawn(program, parameters, { stdio: 'inherit', env, detached: this.#isApart })
    this.ended = new Promise((resolve) => {
      const end = (how: AppEnd) => {
        this.#end ??= this.#killed ? killed : how
        resolve(this.#end)
      }
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) end(notStarted(program, error))
      })
      this.#child.on('exit', (code, signal) => end({ code: code ?? 128 + (signal ? constants.signals[signal] : 0) }))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** `undefined` while it runs. */
  get end(): AppEnd | undefined {
    return this.#end
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#end === undefined) this.#child.kill(signal)
  }

  /** Asks it to end; kills it where it has not within `limit` ms. */
  async finish(signal: NodeJS.Signals, limit: number): Promise<void> {
    this.signal(signal)
    const timer = setTimeout(() => this.kill(), limit)
    await this.ended
    clearTimeout(timer)
  }

  kill(): void {
    const { pid } = this.#child
    if (this.#end !== undefined || pid === undefined) return
    this.#killed = true
    try {
      process.kill(this.#isApart ? -pid : pid, 'SIGKILL')
    } catch {
      // It was faster.
    }
  }
}

const killed: AppEnd = { code: 1, complaint: 'the application did not end in time and was killed' }

function notStarted(program: string, error: NodeJS.ErrnoException): AppEnd {
  const complaint = `cannot start ${program}: ${reasons.get(error.code ?? '') ?? error.message}`
  return { code: error.code === 'ENOENT' ? 127 : error.code === 'EACCES' ? 126 : 1, complaint }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such program'],
  ['EACCES', 'it is not a program that this user may run'],
])
