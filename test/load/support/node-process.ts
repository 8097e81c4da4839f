import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./node.mjs', import.meta.url))
const running = new Set<ChildProcess>()

/** A node that is a process of its own. */
export interface NodeProcess {
  readonly name: string
  readonly port: number
  signal(signal: NodeJS.Signals): void
  /** Asks it to end and waits until it has. */
  drain(): Promise<void>
  /** Requests that have reached it. */
  arrivals(): Promise<number>
}

export async function nodeProcess(name: string): Promise<NodeProcess> {
  const child = spawn(process.execPath, [program, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'exit').then(() => running.delete(child))
  const [line] = await once(child.stdout, 'data')
  const port = Number(String(line))
  return {
    name,
    port,
    signal: (signal) => void child.kill(signal),
    async drain() {
      child.kill('SIGTERM')
      await ended
    },
    arrivals: async () => Number(await (await fetch(`http://127.0.0.1:${port}/arrivals`)).text()),
  }
}

/** Ends those that a test has left, frozen ones too. */
export async function endNodes(): Promise<void> {
  const ends = [...running].map((child) => once(child, 'exit'))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(ends)
}
