import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Limits } from '../config/settings.js'
import type { Inbound } from './inbound.js'
import type { RequestHead } from './request-head.js'

/** What takes the requests of a listener. Another may take its place: each request ends with the one that took it. */
export interface Intake {
  readonly limits: Limits
  onRequest(inbound: Inbound): void
  /** False has a request that asks for an upgrade served as if it had not. */
  wantsUpgrade(request: IncomingMessage): boolean
  onUpgrade(request: IncomingMessage, socket: Socket, rest: Buffer, head: RequestHead): void
  /** The answer has ended, whole or cut. */
  onEnd(inbound: Inbound): void
}
