import type { Msg, Subscription } from '@nats-io/transport-node'
import { MicroError } from '../../errors.js'
import type { Handing } from '../handing.js'
import { readMessage } from '../read-message.js'
import type { Attachable } from './delivery.js'
import { permissionOf, type Session } from './session.js'
import { subjectOf } from './subject.js'

/** What is wanted of every session, one after the other. */
export class NatsSubscription implements Attachable {
  readonly #handing: Handing
  readonly #queue: string
  readonly #subject: string
  #current: Subscription | undefined
  #refusal: MicroError | undefined

  constructor(handing: Handing, queue: string) {
    this.#handing = handing
    this.#queue = queue
    this.#subject = subjectOf(handing.topic, queue)
  }

  /** Resolves when the server knows of it. */
  async attach(session: Session): Promise<void> {
    this.#refusal = undefined
    this.#current = session.connection.subscribe(this.#subject, {
      ...(this.#queue !== '' && { queue: this.#queue }),
      callback: (error, message) => this.#take(error, message),
    })
    await session.acceptance.settled()
    if (this.#refusal !== undefined) throw this.#refusal
  }

  async end(): Promise<void> {
    this.#handing.end()
    this.#current?.unsubscribe()
    this.#current = undefined
  }

  /** Nothing may leave this: the library would take it for a fault of the connection. */
  #take(error: Error | null, { data }: Msg): void {
    if (error !== null) {
      if (permissionOf(error).operation === 'subscription') this.#refusal = refusal(this.#subject, error)
      return
    }
    const message = readMessage(data)
    if (message === undefined) this.#handing.drop('malformed')
    else this.#handing.hand(message)
  }
}

function refusal(subject: string, cause: Error): MicroError {
  const detail = `the NATS server lets this user not subscribe to ${subject}`
  return new MicroError('go.micro.broker', 503, detail, { reason: 'forbidden', cause })
}
