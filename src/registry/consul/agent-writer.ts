import Consul from 'consul'
import { AgentError, reasonOf } from './agent-error.js'
import type { AgentReader } from './agent-reader.js'
import type { Place } from './place.js'
import { checkOf, type Registration } from './registration.js'

type RegisterOptions = Parameters<Consul['agent']['service']['register']>[0]

/** Milliseconds that the agent has for one of these. */
const timeout = 2000

/** What the client package does well: the agent's own services and checks. */
export class AgentWriter {
  readonly #client: Consul

  constructor({ secure, host, port, token }: Place, { connections }: AgentReader) {
    // The package takes a timeout here; its types do not know.
    const defaults = { timeout, ...(token === undefined ? {} : { token }) }
    this.#client = new Consul({
      host: host.includes(':') ? `[${host}]` : host,
      port,
      secure,
      agent: connections,
      defaults,
    })
  }

  async register(registration: Registration): Promise<void> {
    // The package's types want a check's name and timeout; neither the package nor Consul does.
    await done(this.#client.agent.service.register(registration as Exclude<RegisterOptions, string>))
  }

  async pass(id: string): Promise<void> {
    await done(this.#client.agent.check.pass(checkOf(id)))
  }

  /** An unknown node is no error. */
  async deregister(id: string): Promise<void> {
    await unlessUnknown(this.#client.agent.service.deregister(id))
  }

  /** An unknown check is no error. */
  async dropCheck(id: string): Promise<void> {
    await unlessUnknown(this.#client.agent.check.deregister(checkOf(id)))
  }
}

async function done(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    throw failure(error)
  }
}

async function unlessUnknown(work: Promise<unknown>): Promise<void> {
  try {
    await done(work)
  } catch (error) {
    if (error instanceof AgentError && (error.status === 404 || /unknown (?:service|check)/i.test(error.message)))
      return
    throw error
  }
}

/** The package's errors: with the response where there was one. */
function failure(cause: unknown): AgentError {
  const response = member(cause, 'response')
  const status = member(response, 'statusCode')
  if (typeof status !== 'number') return new AgentError(reasonOf(cause), { unreachable: true, cause })
  const body = member(response, 'body')
  const words = typeof body === 'string' || Buffer.isBuffer(body) ? body.toString().slice(0, 200).trim() : ''
  return new AgentError(`${status} ${words}`.trim(), { status, cause })
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
