import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'

/** What became of the calls of a steady load. */
export interface Tally {
  right: number
  /** Status and `micro-error`, or the socket's error, with how often. */
  readonly wrong: Record<string, number>
}

/** Calls each of `urls` in turn, `perSecond` in all, whatever becomes of the calls before, until `stop`. */
export class SteadyTraffic {
  readonly tally: Tally = { right: 0, wrong: {} }
  readonly #agent = new Agent({ keepAlive: true })
  readonly #timer: NodeJS.Timeout
  readonly #open: Promise<void>[] = []
  #sent = 0

  constructor(urls: readonly string[], perSecond: number) {
    const begun = performance.now()
    this.#timer = setInterval(() => {
      const due = ((performance.now() - begun) / 1000) * perSecond
      for (; this.#sent < due; this.#sent++) this.#open.push(this.#call(urls[this.#sent % urls.length] ?? ''))
    }, 5)
  }

  /** Once the last call has its answer. */
  async stop(): Promise<Tally> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
    return this.tally
  }

  async #call(url: string): Promise<void> {
    try {
      const request = get(url, { agent: this.#agent })
      const [answer]: IncomingMessage[] = await once(request, 'response')
      if (answer === undefined) throw new Error('no answer')
      answer.resume()
      await once(answer, 'end')
      if (answer.statusCode === 200) this.tally.right++
      else this.#blame(`${answer.statusCode} ${answer.headers['micro-error']}`)
    } catch (error) {
      this.#blame(String(error))
    }
  }

  #blame(what: string): void {
    this.tally.wrong[what] = (this.tally.wrong[what] ?? 0) + 1
  }
}
