import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'
import type { Sidecar } from '../../src/index.js'
import { closeAfterwards } from './sidecar.js'

/** A message as it stands in a frame. */
export interface WireMessage {
  readonly Header: Readonly<Record<string, string>>
  readonly Body: string
  readonly Topic?: string
}

/** A WebSocket of `/broker`, and what it hears. */
export class Subscriber {
  readonly socket: WebSocket
  readonly frames: WireMessage[] = []
  closed: number | undefined
  reason = ''

  constructor(url: string, protocols: string[], options: ClientOptions) {
    this.socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options })
    this.socket.on('error', () => undefined)
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a binary frame')
      this.frames.push(JSON.parse(String(data)))
    })
    this.socket.on('close', (code, reason) => {
      this.closed = code
      this.reason = String(reason)
    })
    closeAfterwards(() => this.socket.terminate())
  }

  get bodies(): string[] {
    return this.frames.map(({ Body }) => Buffer.from(Body, 'base64').toString())
  }

  /** The next frame that was not taken yet. */
  async next(): Promise<WireMessage> {
    for (;;) {
      const frame = this.frames.shift()
      if (frame !== undefined) return frame
      if (this.closed !== undefined) throw new Error(`closed with ${this.closed} ${this.reason}`)
      await Promise.race([once(this.socket, 'message'), once(this.socket, 'close')])
    }
  }

  async count(frames: number): Promise<void> {
    while (this.frames.length < frames) {
      if (this.closed !== undefined) throw new Error(`closed with ${this.closed} after ${this.frames.length}`)
      await Promise.race([once(this.socket, 'message'), once(this.socket, 'close')])
    }
  }

  async end(): Promise<number> {
    if (this.closed === undefined) await once(this.socket, 'close')
    return this.closed ?? 0
  }
}

export interface SubscribeAs extends ClientOptions {
  readonly protocols?: string[]
}

/** Subscribes by `query` (`topic=a&queue=b`) and waits for the handshake. */
export async function subscriber(sidecar: Sidecar, query: string, options: SubscribeAs = {}): Promise<Subscriber> {
  const { protocols = [], ...rest } = options
  const joined = new Subscriber(`${sidecar.url.replace('http', 'ws')}/broker?${query}`, protocols, rest)
  await once(joined.socket, 'open')
  return joined
}

/** The status of a handshake that is refused, and the error that stands in the answer. */
export async function refusedSubscriber(
  sidecar: Sidecar,
  query: string,
  options: ClientOptions = {},
): Promise<{ status: number | undefined; error: string; body: unknown }> {
  const socket = new WebSocket(`${sidecar.url.replace('http', 'ws')}/broker${query}`, options)
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
  return { status: response.statusCode, error: response.headers['micro-error'], body }
}

export function post(
  sidecar: Sidecar,
  topic: string,
  body: string | Uint8Array = '',
  headers: Record<string, string> = {},
): Promise<Response> {
  return sidecar.fetch(`/broker?topic=${encodeURIComponent(topic)}`, {
    method: 'POST',
    body: Buffer.from(body),
    headers,
  })
}
