import http from 'node:http'
import https from 'node:https'
import { AgentError, reasonOf, StaleConnection } from './agent-error.js'
import type { Place } from './place.js'

/** What was read, with the index that says how old it is; 0 where the agent gave none that can be used. */
export interface Answer {
  readonly index: number
  /** Characters of its text. */
  readonly size: number
  readonly body: unknown
}

export interface ReadOptions {
  readonly query?: Readonly<Record<string, string>>
  /** Milliseconds until the answer must be whole. */
  readonly timeout: number
  readonly signal?: AbortSignal
}

/** Bytes of the longest answer. */
const longest = 64 * 1024 * 1024
const excerpt = 200

/** Reads from the agent's HTTP API over kept connections: one for each question that is open. */
export class AgentReader {
  /** For whoever else speaks to this agent. */
  readonly connections: http.Agent
  readonly #place: Place
  readonly #open = new Set<http.ClientRequest>()
  #closed = false

  constructor(place: Place) {
    this.#place = place
    // With the host here, whoever asks may write an IPv6 address in brackets.
    const options = { host: place.host, keepAlive: true, maxFreeSockets: 8 }
    this.connections = place.secure ? new https.Agent({ ...options, ...place.tls }) : new http.Agent(options)
  }

  /** Rejects with AgentError, also when the signal ends it. */
  async read(path: string, { query = {}, ...options }: ReadOptions): Promise<Answer> {
    const { datacenter } = this.#place
    const search = new URLSearchParams(datacenter === undefined ? query : { ...query, dc: datacenter })
    const target = search.size === 0 ? path : `${path}?${search}`
    try {
      return checked(await this.#attempt(target, options))
    } catch (error) {
      // A question that stayed open is another matter: its connection broke with the agent.
      if (error instanceof StaleConnection && query.index === undefined)
        return checked(await this.#attempt(target, options))
      throw error
    }
  }

  close(): void {
    this.#closed = true
    for (const request of this.#open) request.destroy(new Error('the registry is closed'))
    this.connections.destroy()
  }

  #attempt(target: string, { timeout, signal }: ReadOptions): Promise<Received> {
    return new Promise((resolve, reject) => {
      if (this.#closed || signal?.aborted) return reject(new AgentError('it was given up', { unreachable: true }))
      const request = this.#request(target)
      const timer = setTimeout(() => request.destroy(new Error(`no whole answer in ${timeout} ms`)), timeout)
      const abort = () => request.destroy(new Error('it was given up'))
      let hasBegun = false
      const fail = (cause: Error) => reject(failure(cause, request.reusedSocket && !hasBegun))
      signal?.addEventListener('abort', abort, { once: true })
      request.on('response', (response) => {
        hasBegun = true
        collect(response).then((text) => resolve(received(response, text)), fail)
      })
      request.on('error', fail)
      request.on('close', () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        this.#open.delete(request)
      })
      this.#open.add(request)
      request.end()
    })
  }

  #request(target: string): http.ClientRequest {
    const { secure, host, port, token } = this.#place
    const headers = { accept: 'application/json', ...(token === undefined ? {} : { 'x-consul-token': token }) }
    const options = { host, port, path: target, headers, agent: this.connections }
    return secure ? https.request(options) : http.request(options)
  }
}

interface Received {
  readonly status: number
  readonly index: number
  readonly text: string
}

function failure(cause: Error, isUnheard: boolean): AgentError {
  const isStale = isUnheard && 'code' in cause && cause.code === 'ECONNRESET'
  return new (isStale ? StaleConnection : AgentError)(cause.message, { unreachable: true, cause })
}

/** Rejects for an answer that breaks off or does not end. */
function collect(response: http.IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > longest) response.destroy(new Error(`the answer is longer than ${longest} bytes`))
      else chunks.push(chunk)
    })
    response.on('end', () => resolve(Buffer.concat(chunks, size).toString()))
    response.on('error', reject)
    response.on('close', () => reject(new Error('the answer broke off')))
  })
}

function received({ statusCode = 0, headers }: http.IncomingMessage, text: string): Received {
  const index = Number(headers['x-consul-index'])
  return { status: statusCode, index: Number.isSafeInteger(index) && index > 0 ? index : 0, text }
}

function checked({ status, index, text }: Received): Answer {
  if (status !== 200) throw new AgentError(`${status} ${text.slice(0, excerpt).trim()}`.trim(), { status })
  try {
    return { index, size: text.length, body: JSON.parse(text) }
  } catch (cause) {
    throw new AgentError(`the answer is not JSON: ${reasonOf(cause)}`, { cause })
  }
}
