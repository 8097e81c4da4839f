import type { NatsConnection } from '@nats-io/transport-node'
import { MicroError } from '../../errors.js'

interface Waiting {
  readonly subject: string
  readonly size: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  refusal: Error | undefined
}

/** What was sent between two pings: the server's pong to the second says that it has read all of them. */
interface Batch {
  readonly waiting: Waiting[]
  timer: NodeJS.Timeout | undefined
}

/** Bytes that may be on their way to the server unconfirmed. */
const mostBytes = 32 * 1024 * 1024

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
 * and a connection that is lost is never used again. All messages of one turn of the event loop share a ping.
 */
export class Acceptance {
  readonly #connection: NatsConnection
  readonly #options: AcceptanceOptions
  readonly #sent: Batch[] = []
  #open: Batch | undefined
  #bytes = 0
  #failure: Error | undefined

  constructor(connection: NatsConnection, options: AcceptanceOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Resolves when the server has it. */
  publish(subject: string, payload: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#bytes > 0 && this.#bytes + payload.length > mostBytes) return Promise.reject(overload())
    return new Promise((resolve, reject) => {
      this.#connection.publish(subject, payload)
      this.#bytes += payload.length
      this.#batch().waiting.push({ subject, size: payload.length, resolve, reject, refusal: undefined })
    })
  }

  /** Resolves when the server has read everything that was sent before. */
  settled(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#batch().waiting.push({ subject: '', size: 0, resolve, reject, refusal: undefined })
    })
  }

  /** The server has said that nothing may be published to that subject. */
  refuse(subject: string, refusal: Error): void {
    for (const { waiting } of this.#sent) {
      for (const one of waiting) if (one.subject === subject) one.refusal = refusal
    }
  }

  /** The connection is lost: nobody knows what the server read of what was sent, and nothing is sent again. */
  fail(failure: Error): void {
    this.#failure ??= failure
    for (const batch of this.#sent.splice(0)) this.#reject(batch, failure)
    if (this.#open !== undefined) this.#reject(this.#open, failure)
    this.#open = undefined
  }

  #batch(): Batch {
    if (this.#open === undefined) {
      this.#open = { waiting: [], timer: undefined }
      setImmediate(() => this.#ping())
    }
    return this.#open
  }

  #ping(): void {
    const batch = this.#open
    if (batch === undefined) return
    this.#open = undefined
    this.#sent.push(batch)
    batch.timer = setTimeout(() => this.#options.onSilence(), this.#options.patience)
    this.#connection.flush().then(
      // What the server refused it said before the pong, but the library tells of it a little later.
      () => setImmediate(() => this.#confirm(batch)),
      () => this.#options.onSilence(),
    )
  }

  #confirm(batch: Batch): void {
    const index = this.#sent.indexOf(batch)
    if (index < 0) return
    this.#sent.splice(index, 1)
    this.#close(batch)
    for (const { refusal, resolve, reject } of batch.waiting) {
      if (refusal === undefined) resolve()
      else reject(refusal)
    }
  }

  #reject(batch: Batch, failure: Error): void {
    this.#close(batch)
    for (const { reject } of batch.waiting) reject(failure)
  }

  #close(batch: Batch): void {
    clearTimeout(batch.timer)
    for (const { size } of batch.waiting) this.#bytes -= size
  }
}

function overload(): MicroError {
  const detail = `more than ${mostBytes} bytes are on their way to the NATS server, which does not keep up`
  return new MicroError('go.micro.broker', 503, detail, { reason: 'overload', retryAfter: 1 })
}
