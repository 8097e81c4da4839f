import { execFileSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

/** Networks of their own, made with iproute2 by root; whoever makes them takes them away. */
export class Namespaces {
  readonly #names: string[] = []
  readonly #ends: (readonly [host: string, end: string])[] = []
  #links = 0

  /** Why there can be none; `undefined` where there can. */
  static trouble(): string | undefined {
    const name = `probe${process.pid}`
    try {
      ip('netns', 'add', name)
      ip('netns', 'del', name)
      return undefined
    } catch (error) {
      return `network namespaces need Linux, root and iproute2 (${String(error).split('\n', 1)[0]})`
    }
  }

  /** A host without a network. */
  add(host: string): string {
    const name = `${host}${process.pid}`
    ip('netns', 'add', name)
    this.#names.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return name
  }

  /** A cable between two hosts, `10.99.N.1` at its one end and `10.99.N.2` at the other. */
  connect(one: string, other: string): void {
    const number = ++this.#links
    const [here, there] = [`v${number}a${process.pid}`, `v${number}b${process.pid}`]
    ip('-n', one, 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', other)
    for (const [host, end, last] of [[one, here, 1] as const, [other, there, 2] as const]) {
      ip('-n', host, 'addr', 'add', `10.99.${number}.${last}/24`, 'dev', end)
      ip('-n', host, 'link', 'set', end, 'up')
    }
    this.#ends.push([one, here], [other, there])
  }

  /** A cable takes up to a second until the system calls it one. */
  async ready(): Promise<void> {
    for (let waited = 0; this.#ends.some(([host, end]) => !isUp(host, end)) && waited < 5000; waited += 50)
      await wait(50)
  }

  close(): void {
    this.#ends.length = 0
    for (const name of this.#names.splice(0)) ip('netns', 'del', name)
  }
}

function isUp(host: string, end: string): boolean {
  return ip('-n', host, 'link', 'show', end).includes('state UP')
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
}
