import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { MicroError } from '../errors.js'
import { rawAnswer } from '../http/raw-answer.js'

/** The WebSocket side of a path. */
export interface UpgradeRoute {
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Somebody is there. */
  readonly isWatched: boolean
  /** Takes no more, and tells those who are there (1001). */
  close(): void
}

export interface WebSocketOptions {
  /** Of the errors that a caller sees. */
  readonly id: string
  /** Bytes of the longest message that a peer may send. */
  readonly frame: number
  /** The subprotocol that is agreed to where a peer offers it. */
  readonly protocol?: string
  /** Milliseconds. */
  readonly pingInterval?: number
  /** Milliseconds without a word of a peer after which it is cut. */
  readonly readTimeout?: number
}

const closeTimeout = 1000

/** The WebSockets of one path: the handshake, pings, deadlines, and the end. */
export class WebSockets {
  readonly #options: WebSocketOptions
  readonly #open = new Set<WebSocket>()
  #server: Promise<WebSocketServer> | undefined
  #closed = false

  constructor(options: WebSocketOptions) {
    this.#options = options
  }

  /** Answers the handshake; `use` is called where it was right. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, use: (webSocket: WebSocket) => void): void {
    socket.on('error', ignore)
    this.#server ??= webSocketServer(this.#options)
    this.#server.then(
      (server) => {
        if (this.#closed) rawAnswer(socket, this.#refusal(503, 'the sidecar stops', 'draining'))
        else server.handleUpgrade(request, socket, head, (webSocket) => this.#use(webSocket, use))
      },
      (cause) =>
        rawAnswer(socket, new MicroError(this.#options.id, 500, 'no WebSockets', { reason: 'internal', cause })),
    )
  }

  get isUsed(): boolean {
    return this.#open.size > 0
  }

  close(): void {
    this.#closed = true
    for (const webSocket of this.#open) {
      webSocket.close(1001, 'the sidecar stops')
      const timer = setTimeout(() => webSocket.terminate(), closeTimeout)
      webSocket.once('close', () => clearTimeout(timer))
    }
  }

  #use(webSocket: WebSocket, use: (webSocket: WebSocket) => void): void {
    this.#open.add(webSocket)
    keepAlive(webSocket, this.#options)
    webSocket.on('error', ignore)
    webSocket.on('close', () => this.#open.delete(webSocket))
    use(webSocket)
  }

  #refusal(code: number, detail: string, reason: 'draining'): MicroError {
    return new MicroError(this.#options.id, code, detail, { reason })
  }
}

async function webSocketServer({ id, frame, protocol = '' }: WebSocketOptions): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: frame,
    handleProtocols: (offered) => offered.has(protocol) && protocol,
  })
  server.on('wsClientError', (error, socket, { method }) => {
    const code = method === 'GET' ? 400 : 405
    const detail = `not a WebSocket handshake: ${error.message}`
    rawAnswer(socket, new MicroError(id, code, detail, { reason: 'bad_request' }))
  })
  return server
}

function keepAlive(webSocket: WebSocket, { pingInterval = 54_000, readTimeout = 60_000 }: WebSocketOptions): void {
  const pings = setInterval(() => webSocket.ping(), pingInterval)
  const deadline = setTimeout(() => webSocket.terminate(), readTimeout)
  for (const sign of ['pong', 'ping', 'message']) webSocket.on(sign, () => deadline.refresh())
  webSocket.on('close', () => {
    clearInterval(pings)
    clearTimeout(deadline)
  })
}

function ignore(): void {}
