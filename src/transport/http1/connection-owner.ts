import type { LookupFunction } from 'node:net'
import type { Connection } from './connection.js'
import type { Http1Exchange } from './exchange.js'
import type { FieldLimits } from './field-scanner.js'

/** Who opened a connection, and hears what becomes of it. */
export interface ConnectionOwner {
  readonly limits: FieldLimits
  readonly lookup: LookupFunction | undefined
  connected(connection: Connection): void
  /** It never connected. */
  refused(cause: unknown): void
  /** Its exchange is over and it may carry another; the node keeps it for `hint` milliseconds, where it said so. */
  freed(connection: Connection, hint: number | undefined): void
  /** It carries nothing any more and never will. */
  lost(connection: Connection): void
  /** Not a byte of this exchange has left: it may go by another connection. */
  returned(exchange: Http1Exchange): void
  /** Its socket is closed. */
  closed(): void
}
