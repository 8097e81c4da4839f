import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { MicroError } from '../errors.js'
import { isAllowedOrigin } from '../http/admin-guard.js'
import { rawAnswer } from '../http/raw-answer.js'
import type { Registry, RegistryEvent } from '../registry/registry.js'
import { serviceJson } from '../registry/service-json.js'
import { type UpgradeRoute, WebSockets } from './web-sockets.js'

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

/** `GET /registry` with an upgrade: every change as a text frame; with `?service=NAME` only that service's. */
export function registryWatch(registry: Registry, options: RegistryWatchOptions): UpgradeRoute {
  return new RegistryWatch(registry, options)
}

interface Watcher {
  readonly socket: WebSocket
  /** `undefined`: all. */
  readonly service: string | undefined
}

class RegistryWatch implements UpgradeRoute {
  readonly #registry: Registry
  readonly #options: RegistryWatchOptions
  readonly #watchers = new Set<Watcher>()
  readonly #webSockets: WebSockets
  #stop: (() => void) | undefined

  constructor(registry: Registry, options: RegistryWatchOptions) {
    this.#registry = registry
    this.#options = options
    this.#webSockets = new WebSockets({ ...options, id })
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, host } = request.headers
    if (isAllowedOrigin(origin, host, this.#options.cors)) {
      this.#webSockets.accept(request, socket, head, (webSocket) => this.#join(webSocket, serviceOf(request)))
      return
    }
    socket.on('error', ignore)
    const detail = 'pages of this origin may not watch the registry (cors)'
    rawAnswer(socket, new MicroError(id, 403, detail, { reason: 'forbidden' }))
  }

  close(): void {
    this.#stop?.()
    this.#webSockets.close()
  }

  #join(socket: WebSocket, service: string | undefined): void {
    const watcher = { socket, service }
    this.#watchers.add(watcher)
    this.#stop ??= this.#registry.watch((event) => this.#tell(event))
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

function frameOf({ action, service }: RegistryEvent): Buffer {
  return Buffer.from(JSON.stringify({ Action: action, Service: serviceJson(service) }))
}

function serviceOf({ url }: IncomingMessage): string | undefined {
  return new URLSearchParams(/\?.*/s.exec(url ?? '')?.[0]).get('service') || undefined
}

function ignore(): void {}
