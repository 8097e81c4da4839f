import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

/** Milliseconds for an answer of the server's. */
const timeout = 2000

/** The server has none, or lets this user not use it. */
export class NoJetStream extends Error {
  override readonly name = 'NoJetStream'

  constructor(server: string, cause: unknown) {
    super(`the NATS server at ${server} has no JetStream for this user, which delivery 'at-least-once' needs`, {
      cause,
    })
  }
}

export interface JetStream {
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
}

/** Rejects with NoJetStream where there is none. */
export async function openJetStream(connection: NatsConnection): Promise<JetStream> {
  const { jetstreamManager } = await import('@nats-io/jetstream')
  try {
    const manager = await jetstreamManager(connection, { timeout })
    return { manager, client: manager.jetstream() }
  } catch (error) {
    if (hasNoStream(error)) throw new NoJetStream(connection.getServer(), error)
    throw error
  }
}

/** Nobody answered: of a message, that no stream took it, nor anybody else. */
export function hasNoStream(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled'
}
