import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'

/** One call that is over. */
export interface Outcome {
  /** `performance.now()` when it was made. */
  readonly at: number
  readonly method: string
  readonly milliseconds: number
  /** 200, or what else came of it: `503 overload`, `ECONNRESET`, `body is no error form`. */
  readonly result: string
}

export interface TrafficOptions {
  readonly urls: readonly string[]
  /** Open loop: so many calls a second whatever becomes of them. */
  readonly perSecond?: number
  /** Closed loop: so many callers, each with one call at a time. */
  readonly callers?: number
  /** In turn. */
  readonly methods?: readonly string[]
}

const limit = 20_000

/** A steady load on a sidecar; every call is accounted for. */
export class Traffic {
  readonly outcomes: Outcome[] = []
  readonly #options: TrafficOptions
  readonly #agent = new Agent({ keepAlive: true })
  readonly #open: Promise<void>[] = []
  #timer: NodeJS.Timeout | undefined
  #running = true
  #count = 0

  constructor(options: TrafficOptions) {
    this.#options = options
    const { perSecond = 0, callers = 0 } = options
    const begun = performance.now()
    if (perSecond > 0) this.#timer = setInterval(() => this.#offer(((performance.now() - begun) / 1000) * perSecond), 5)
    for (let i = 0; i < callers; i++) this.#open.push(this.#callOn())
  }

  /** Resolves once the last call is over, to all that did not end with 200, by result. */
  async stop(): Promise<Record<string, number>> {
    this.#running = false
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
    return countBy(this.outcomes.filter(({ result }) => result !== '200'))
  }

  get right(): number {
    return this.outcomes.filter(({ result }) => result === '200').length
  }

  #offer(due: number): void {
    for (; this.#count < due; ) this.#open.push(this.#call())
  }

  async #callOn(): Promise<void> {
    while (this.#running) await this.#call()
  }

  async #call(): Promise<void> {
    const turn = this.#count++
    const { urls, methods = ['GET'] } = this.#options
    const method = methods[turn % methods.length] ?? 'GET'
    const at = performance.now()
    const result = await resultOf(urls[turn % urls.length] ?? '', { method, agent: this.#agent })
    this.outcomes.push({ at, method, milliseconds: performance.now() - at, result })
  }
}

export function countBy(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { method, result } of outcomes) counts[`${method} ${result}`] = (counts[`${method} ${result}`] ?? 0) + 1
  return counts
}

/** In milliseconds, of those calls. */
export function percentile(outcomes: readonly Outcome[], share: number): number {
  const sorted = outcomes.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function resultOf(url: string, options: RequestOptions): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(url, options, (answer) => void read(answer).then(resolve))
    asked.setTimeout(limit, () => asked.destroy(new Error(`no answer within ${limit} ms`)))
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asked.end(options.method === 'GET' ? undefined : '{"name":"John"}')
  })
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer) chunks.push(chunk)
  } catch (error) {
    return `cut: ${error}`
  }
  if (answer.statusCode === 200) return '200'
  const code = answer.headers['micro-error']
  if (code === undefined) return `${answer.statusCode} of the node`
  return isErrorForm(Buffer.concat(chunks).toString()) ? `${answer.statusCode} ${code}` : 'body is no error form'
}

function isErrorForm(text: string): boolean {
  try {
    return Object.keys(JSON.parse(text)).join() === 'id,code,detail,status'
  } catch {
    return false
  }
}
