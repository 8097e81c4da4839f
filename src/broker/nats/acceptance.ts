import type { NatsConnection } from '@nats-io/transport-node'
import { MicroError } from '../../errors.js'

interface Waiting {
  /** Absent: only a ping is wanted. */
  readonly subject: string | undefined
  readonly payload: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  refusal: Error | undefined
}

/** Bytes that may wait for the server. */
const mostBytes = 32 * 1024 * 1024
const nothing = new Uint8Array(0)

export interface AcceptanceOptions {
  /** Milliseconds that the server has to confirm. */
  readonly patience: number
  /** It did not: the connection is of no use any more. */
  onSilence(): void
}

/**
 * Messages on their way through one connection. The library's `publish` only fills a buffer: it returns as well while
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

  /** Resolves when the server has it. */
  publish(subject: string, payload: Uint8Array): Promise<void> {
    if (this.#bytes > 0 && this.#bytes + payload.length > mostBytes) return Promise.reject(overload())
    return this.#add(subject, payload)
  }

  /** Resolves when the server has read everything that was sent before. */
  settled(): Promise<void> {
    return this.#add(undefined, nothing)
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

  #add(subject: string | undefined, payload: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#bytes += payload.length
      this.#queued.push({ subject, payload, resolve, reject, refusal: undefined })
      if (this.#busy) return
      this.#busy = true
      // What comes in the same turn of the event loop goes along.
      setImmediate(() => this.#send())
    })
  }

  #send(): void {
    if (this.#failure !== undefined) return
    this.#sent = this.#queued
    this.#queued = []
    try {
      for (const { subject, payload } of this.#sent)
        if (subject !== undefined) this.#connection.publish(subject, payload)
    } catch {
      return this.#options.onSilence()
    }
    this.#timer = setTimeout(() => this.#options.onSilence(), this.#options.patience)
    this.#connection.flush().then(
      // What the server refused it said before the pong, but the library tells of it a little later.
      () => setImmediate(() => this.#confirm()),
      () => this.#options.onSilence(),
    )
  }

  #confirm(): void {
    clearTimeout(this.#timer)
    const confirmed = this.#sent
    this.#sent = []
    for (const { payload, refusal, resolve, reject } of confirmed) {
      this.#bytes -= payload.length
      if (refusal === undefined) resolve()
      else reject(refusal)
    }
    this.#busy = this.#queued.length > 0
    if (this.#busy) this.#send()
  }
}

function overload(): MicroError {
  const detail = `more than ${mostBytes} bytes wait for the NATS server, which does not keep up`
  return new MicroError('go.micro.broker', 503, detail, { reason: 'overload', retryAfter: 1 })
}
