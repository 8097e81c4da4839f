import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { MicroError } from '../errors.js'
import { isAllowedOrigin } from '../http/admin-guard.js'
import { rawAnswer } from '../http/raw-answer.js'
import type { Registry, RegistryEvent } from '../registry/registry.js'
import { serviceJson } from '../registry/service-json.js'

export interface RegistryWatchOptions {
  /** Bytes of the longest message that a watcher may send. */
  readonly frame: number
  /** Bytes that may wait for one watcher. */
  readonly subscriberBuffer: number
  /** Origins of pages that may watch beside those of this host. */
  readonly cors: readonly string[]
  /** Milliseconds. */
  readonly pingInterval?: number
  /** Milliseconds without a word of a watcher after which it is cut. */
  readonly readTimeout?: number
}

/** The WebSocket side of a path. */
export interface UpgradeRoute {
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly isWatched: boolean
  /** Takes no more, and tells those who are there (1001). */
  close(): void
}

/** `GET /registry` with an upgrade: every change as a text frame; with `?service=NAME` only that service's. */
export function registryWatch(registry: Registry, options: RegistryWatchOptions): UpgradeRoute {
  return new RegistryWatch(registry, options)
}

interface Watcher {
  readonly socket: WebSocket
  /** `undefined`: all. */
  readonly service: string | undefined
}

const closeTimeout = 1000

class RegistryWatch implements UpgradeRoute {
  readonly #registry: Registry
  readonly #options: RegistryWatchOptions
  readonly #watchers = new Set<Watcher>()
  #server: Promise<WebSocketServer> | undefined
  #stop: (() => void) | undefined
  #closed = false

  constructor(registry: Registry, options: RegistryWatchOptions) {
    this.#registry = registry
    this.#options = options
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', ignore)
    const { origin, host } = request.headers
    if (!isAllowedOrigin(origin, host, this.#options.cors)) {
      rawAnswer(socket, refusal(403, 'pages of this origin may not watch the registry (cors)', 'forbidden'))
      return
    }
    this.#server ??= webSocketServer(this.#options)
    this.#server.then(
      (server) => this.#accept(server, request, socket, head),
      (cause) => rawAnswer(socket, new MicroError(id, 500, 'cannot watch', { reason: 'internal', cause })),
    )
  }

  close(): void {
    this.#closed = true
    this.#stop?.()
    for (const { socket } of this.#watchers) {
      socket.close(1001, 'the sidecar stops')
      const timer = setTimeout(() => socket.terminate(), closeTimeout)
      socket.once('close', () => clearTimeout(timer))
    }
  }

  #accept(server: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#closed) rawAnswer(socket, refusal(503, 'the sidecar stops', 'draining'))
    else server.handleUpgrade(request, socket, head, (webSocket) => this.#join(webSocket, serviceOf(request)))
  }

  #join(socket: WebSocket, service: string | undefined): void {
    const watcher = { socket, service }
    this.#watchers.add(watcher)
    this.#stop ??= this.#registry.watch((event) => this.#tell(event))
    keepAlive(socket, this.#options)
    socket.on('error', ignore)
    socket.on('close', () => this.#leave(watcher))
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    if (this.#watchers.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  /** A frame is written once for all; who does not read is told to come back later, behind what it has not read. */
  #tell(event: RegistryEvent): void {
    let frame: Buffer | undefined
    for (const { socket, service } of this.#watchers) {
      if (service !== undefined && service !== event.service.name) continue
      if (socket.readyState !== socket.OPEN) continue
      frame ??= frameOf(event)
      if (socket.bufferedAmount + frame.length > this.#options.subscriberBuffer) socket.close(1013, 'too slow')
      else socket.send(frame, { binary: false })
    }
  }
}

const id = 'go.micro.registry'

async function webSocketServer(options: RegistryWatchOptions): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: options.frame })
  server.on('wsClientError', (error, socket, { method }) => {
    const code = method === 'GET' ? 400 : 405
    rawAnswer(socket, refusal(code, `not a WebSocket handshake: ${error.message}`, 'bad_request'))
  })
  return server
}

function keepAlive(socket: WebSocket, { pingInterval = 54_000, readTimeout = 60_000 }: RegistryWatchOptions): void {
  const pings = setInterval(() => socket.ping(), pingInterval)
  const deadline = setTimeout(() => socket.terminate(), readTimeout)
  for (const sign of ['pong', 'ping', 'message']) socket.on(sign, () => deadline.refresh())
  socket.on('close', () => {
    clearInterval(pings)
    clearTimeout(deadline)
  })
}

function frameOf({ action, service }: RegistryEvent): Buffer {
  return Buffer.from(JSON.stringify({ Action: action, Service: serviceJson(service) }))
}

function serviceOf({ url }: IncomingMessage): string | undefined {
  return new URLSearchParams(/\?.*/s.exec(url ?? '')?.[0]).get('service') || undefined
}

function refusal(code: number, detail: string, reason: 'forbidden' | 'draining' | 'bad_request'): MicroError {
  return new MicroError(id, code, detail, { reason })
}

function ignore(): void {}
