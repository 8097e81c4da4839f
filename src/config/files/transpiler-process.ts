import { type ChildProcess, spawn } from 'node:child_process'
import type { TransformOptions } from 'jiti'
import { babelPath } from './jiti.js'

/** Milliseconds in which it must answer, and after which it ends when nothing is asked. */
const PATIENCE = 30_000
const LINGER = 3000

/** A text and not a file, so that it is there however this code is bundled. */
const PROGRAM = `
  const transform = require(process.argv[1])
  process.on('message', (questions) => process.send(questions.map((question) => transform(question).code)))
`

type Answer = (codes: readonly unknown[]) => void

/** A process that holds babel: what it takes, 36 MB, ends with it. Of a thread, newer versions of Node would keep it. */
export class TranspilerProcess {
  readonly #child: ChildProcess
  readonly #answers: Answer[] = []
  #idle: NodeJS.Timeout | undefined
  #isOver = false

  /** Throws where there may be no process. */
  constructor() {
    const { NODE_OPTIONS, ...env } = process.env
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const
    this.#child = spawn(process.execPath, ['-e', PROGRAM, babelPath()], { env, stdio: [...stdio], windowsHide: true })
    this.#child.on('message', (codes) => this.#answers.shift()?.(Array.isArray(codes) ? codes : []))
    for (const event of ['error', 'exit']) this.#child.on(event, () => this.#giveUp())
    this.#child.unref()
    this.#child.channel?.unref()
    this.#endLater()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The code of each; of none where it cannot. Never rejects. The timer also keeps this process alive meanwhile. */
  async transform(questions: readonly TransformOptions[]): Promise<readonly unknown[]> {
    if (!this.#child.connected) return []
    clearTimeout(this.#idle)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE)
    const codes = await new Promise<readonly unknown[]>((answer) => {
      this.#answers.push(answer)
      this.#child.send([...questions])
    })
    clearTimeout(timer)
    if (this.#answers.length === 0) this.#endLater()
    return codes
  }

  /** Without its channel it ends by itself, and so it does if this process dies. */
  #endLater(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#disconnect(), LINGER).unref()
  }

  #disconnect(): void {
    this.#isOver = true
    if (this.#child.connected) this.#child.disconnect()
  }

  #giveUp(): void {
    clearTimeout(this.#idle)
    this.#isOver = true
    for (const answer of this.#answers.splice(0)) answer([])
  }
}
