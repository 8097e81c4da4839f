/** The agent's answer was no good, or there was none. */
export class AgentError extends Error {
  override readonly name: string = 'AgentError'
  /** The HTTP status of a refusal; `undefined`: no answer, or one that cannot be read. */
  readonly status: number | undefined
  /** No whole answer came: the agent or the way to it is at fault, not what was asked. */
  readonly unreachable: boolean

  constructor(message: string, options: { status?: number; unreachable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = options.status
    this.unreachable = options.unreachable ?? false
  }
}

/** A kept connection that the agent had closed, as was found out only when it was used: ask again on another. */
export class StaleConnection extends AgentError {}

export function isUnreachable(error: unknown): boolean {
  return error instanceof AgentError && error.unreachable
}

/** The agent has no connection left for this host. */
export function isCrowded(error: unknown): boolean {
  return error instanceof AgentError && error.status === 429
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
