import type { NatsConnection, Status } from '@nats-io/transport-node'
import { MicroError, wordsOf } from '../../errors.js'
import { Acceptance } from './acceptance.js'
import type { ServerInfo } from './knock.js'

/** Milliseconds that the server has to answer. */
const patience = 2000

/** One connection, from when it is there to when it is lost. */
export class Session {
  readonly connection: NatsConnection
  readonly info: ServerInfo
  readonly acceptance: Acceptance
  /** Why it ended. */
  readonly lost: Promise<string>
  #end: (reason: string) => void = () => undefined
  #ended = false

  constructor(connection: NatsConnection, info: ServerInfo) {
    this.connection = connection
    this.info = info
    const onSilence = () => this.end(`it did not answer within ${patience} ms`)
    this.acceptance = new Acceptance(connection, { patience, onSilence })
    this.lost = new Promise((resolve) => {
      this.#end = resolve
    })
    connection.closed().then(
      (error) => this.end(error instanceof Error ? error.message : 'the connection was closed'),
      (error: unknown) => this.end(wordsOf(error)),
    )
    void this.#listen(connection.status())
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Closes it. What waits for the server is told that it waits in vain. */
  end(reason: string): void {
    this.#ended = true
    this.#end(reason)
    this.acceptance.fail(lostError(reason))
    this.connection.close().catch(() => undefined)
  }

  async #listen(statuses: AsyncIterable<Status>): Promise<void> {
    try {
      for await (const status of statuses) if (status.type === 'error') this.#onError(status.error)
    } catch (error) {
      this.end(wordsOf(error))
    }
  }

  #onError(error: Error): void {
    const { operation, subject } = permissionOf(error)
    if (operation !== 'publish' || subject === undefined) return
    const detail = `the NATS server lets this user not publish to ${subject}`
    this.acceptance.refuse(
      subject,
      new MicroError('go.micro.broker', 503, detail, { reason: 'forbidden', cause: error }),
    )
  }
}

/** Of an error that says what the user may not do. */
export function permissionOf(error: Error): { readonly operation?: unknown; readonly subject?: string } {
  if (!('operation' in error) || !('subject' in error) || typeof error.subject !== 'string') return {}
  return { operation: error.operation, subject: error.subject }
}

function lostError(reason: string): MicroError {
  const detail = `the connection to NATS was lost before the message was confirmed: ${reason}`
  return new MicroError('go.micro.broker', 503, detail, { reason: 'reset', retryAfter: 1 })
}
