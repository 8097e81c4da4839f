import type { ServerResponse } from 'node:http'
import type { Brakes } from '../../broker/brakes.js'
import type { FanOut } from '../../broker/fan-out.js'
import type { Outlet } from '../../broker/outlet.js'
import type { Inbound } from '../../http/inbound.js'
import type { BrokerTarget } from './target.js'

export interface EventsOptions {
  /** Bytes that may wait for one reader. */
  readonly subscriberBuffer: number
  /** Milliseconds between two signs of life. */
  readonly heartbeat?: number
}

const headers = [
  'Content-Type',
  'text/event-stream',
  'Cache-Control',
  'no-cache, no-transform',
  'X-Accel-Buffering',
  'no',
]
/** Milliseconds that a reader has to take the end. */
const endTimeout = 10_000
const drainTimeout = 1000

/** Subscribers by server-sent events: `GET /broker?topic=T` with `Accept: text/event-stream`. */
export class EventStreams {
  readonly #brakes: Brakes
  readonly #fanOut: FanOut
  readonly #options: EventsOptions
  readonly #open = new Set<EventOutlet>()

  constructor(brakes: Brakes, fanOut: FanOut, options: EventsOptions) {
    this.#brakes = brakes
    this.#fanOut = fanOut
    this.#options = options
  }

  async subscribe(inbound: Inbound, { topic, queue }: BrokerTarget): Promise<void> {
    const { response } = inbound
    const outlet = new EventOutlet(response, this.#options.subscriberBuffer)
    const membership = await this.#fanOut.join(topic, outlet, { queue })
    if (response.destroyed) return membership.leave()
    response.writeHead(200, [...headers, 'x-request-id', inbound.id])
    response.write('retry: 1000\n\n')
    // It is no call that anybody waits for the end of.
    inbound.leave()
    this.#open.add(outlet)
    const beat = setInterval(() => outlet.beat(), this.#options.heartbeat ?? 15_000)
    outlet.onEnd = () => {
      clearInterval(beat)
      this.#open.delete(outlet)
      membership.leave()
    }
    response.once('close', outlet.onEnd)
    response.on('drain', () => this.#brakes.release(outlet))
    membership.open()
  }

  get isUsed(): boolean {
    return this.#open.size > 0
  }

  /** Tells those who are there to come back later. */
  close(): void {
    for (const outlet of [...this.#open]) outlet.end(1001, 'the sidecar stops', drainTimeout)
  }
}

class EventOutlet implements Outlet {
  readonly form = 'event'
  readonly limit: number
  onEnd: () => void = ignore
  readonly #response: ServerResponse
  #state: 'open' | 'ended' | 'slow' = 'open'

  constructor(response: ServerResponse, limit: number) {
    this.#response = response
    this.limit = limit
  }

  get waiting(): number {
    return this.#state === 'open' ? this.#response.writableLength : 0
  }

  takes(bytes: number): boolean {
    if (this.#state !== 'open' || this.#response.destroyed) return false
    const { waiting } = this
    if (waiting === 0 || waiting + bytes <= this.limit) return true
    this.end(1013, 'this subscriber does not read what it gets', endTimeout)
    this.#state = 'slow'
    return false
  }

  write(bytes: Buffer): 'written' | 'slow' | 'gone' {
    if (!this.takes(bytes.length)) return this.#state === 'slow' ? 'slow' : 'gone'
    this.#response.write(bytes)
    return 'written'
  }

  /** A comment, which says nothing to the reader and keeps what is between us from growing tired. */
  beat(): void {
    if (this.#state === 'open' && this.waiting === 0) this.#response.write(':\n\n')
  }

  end(code: number, reason: string, timeout: number): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    const response = this.#response
    response.end(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`)
    const timer = setTimeout(() => response.destroy(), timeout)
    response.once('close', () => clearTimeout(timer))
    this.onEnd()
  }
}

function ignore(): void {}
