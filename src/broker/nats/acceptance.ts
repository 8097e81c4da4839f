import type { NatsConnection } from '@nats-io/transport-node'
import { MicroError } from '../../errors.js'

/** Puts something into the connection's buffer. A promise is an answer of its own that is waited for. */
export type Sending = () => void | Promise<unknown>

interface Waiting {
  readonly subject: string
  readonly size: number
  readonly send: Sending
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  refusal: Error | undefined
}

/** Bytes that may wait for the server. */
const mostBytes = 32 * 1024 * 1024

export interface AcceptanceOptions {
  /** Milliseconds that the server has to answer a ping. */
  readonly patience: number
  /** It did not: the connection is of no use any more. */
  onSilence(): void
}

/**
 * What is on its way through one connection. The library's `publish` only fills a buffer: it returns as well while
 * nothing is connected, and what it took then is thrown away at the next attempt to connect or, if it came later than
 * that, sent once there is a connection. So a message counts as accepted when the server has answered a ping behind it,
 * and a connection that is lost is never used again. All that came while one ping was under way share the next and are
 * sent with it, not before: when a server falls silent, only what it was given last is in doubt, the rest was not sent.
 */
export class Acceptance {
  readonly #connection: NatsConnection
  readonly #options: AcceptanceOptions
  #queued: Waiting[] = []
  #sent: readonly Waiting[] = []
  #bytes = 0
  #busy = false
  #timer: NodeJS.Timeout | undefined
  #failure: Error | undefined

  constructor(connection: NatsConnection, options: AcceptanceOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Resolves when the server has it: it has answered a ping, and given the answer that `send` waits for. */
  publish(subject: string, size: number, send: Sending): Promise<void> {
    if (this.#bytes > 0 && this.#bytes + size > mostBytes) return Promise.reject(overload())
    return this.#add(subject, size, send)
  }

  /** Resolves when the server has read everything that was sent before. */
  settled(): Promise<void> {
    return this.#add('', 0, () => undefined)
  }

  /** The server has said that nothing may be published to that subject. */
  refuse(subject: string, refusal: Error): void {
    for (const one of this.#sent) if (one.subject === subject) one.refusal = refusal
  }

  /** The connection is lost: nobody knows what the server read of what was sent last, and nothing is sent again. */
  fail(failure: Error): void {
    this.#failure ??= failure
    clearTimeout(this.#timer)
    const waiting = [...this.#sent, ...this.#queued]
    this.#sent = []
    this.#queued = []
    for (const { reject } of waiting) reject(failure)
  }

  #add(subject: string, size: number, send: Sending): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#bytes += size
      this.#queued.push({ subject, size, send, resolve, reject, refusal: undefined })
      if (this.#busy) return
      this.#busy = true
      // What comes in the same turn of the event loop goes along.
      setImmediate(() => this.#send())
    })
  }

  #send(): void {
    if (this.#failure !== undefined) return
    const sent = this.#queued
    this.#sent = sent
    this.#queued = []
    try {
      const answers = sent.map(({ send }) => send())
      // Nobody waits for them when the connection is lost.
      for (const answer of answers) answer?.catch(() => undefined)
      this.#timer = setTimeout(() => this.#options.onSilence(), this.#options.patience)
      this.#connection.flush().then(
        // What the server refused it said before the pong, but the library tells of it a little later.
        () => setImmediate(() => this.#answered(sent, answers)),
        () => this.#options.onSilence(),
      )
    } catch {
      this.#options.onSilence()
    }
  }

  #answered(sent: readonly Waiting[], answers: readonly (void | Promise<unknown>)[]): void {
    clearTimeout(this.#timer)
    const open: Promise<unknown>[] = []
    for (const [index, one] of sent.entries()) {
      const answer = answers[index]
      if (one.refusal !== undefined) one.reject(one.refusal)
      else if (answer === undefined) one.resolve()
      else open.push(answer.then(one.resolve, one.reject))
    }
    if (open.length === 0) this.#next(sent)
    else void Promise.all(open).then(() => this.#next(sent))
  }

  #next(sent: readonly Waiting[]): void {
    for (const { size } of sent) this.#bytes -= size
    if (this.#sent === sent) this.#sent = []
    this.#busy = this.#queued.length > 0
    if (this.#busy) this.#send()
  }
}

function overload(): MicroError {
  const detail = `more than ${mostBytes} bytes wait for the NATS server, which does not keep up`
  return new MicroError('go.micro.broker', 503, detail, { reason: 'overload', retryAfter: 1 })
}
