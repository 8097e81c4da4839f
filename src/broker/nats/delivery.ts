import type { Guarantee, Listener } from '../broker.js'
import type { Session } from './session.js'

/** Of one subscription: what it needs of each session, one after the other. */
export interface Attachable {
  /** Resolves when the server knows of it; rejects with a MicroError when the server will not have it. */
  attach(session: Session): Promise<void>
  end(): Promise<void>
}

/** How messages are published and delivered, which makes the guarantee. */
export interface Delivery {
  readonly guarantee: Guarantee
  /** Asks a new session for what is needed of it. Rejects where it has not got that. */
  prepare(session: Session): Promise<void>
  /** Resolves when the message is accepted. */
  publish(session: Session, subject: string, payload: Uint8Array): Promise<void>
  subscription(topic: string, queue: string, listener: Listener): Attachable
}
