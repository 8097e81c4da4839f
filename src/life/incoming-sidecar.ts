import type { Broker } from '../broker/broker.js'
import type { MicroConfig } from '../config/config.generated.js'
import type { Settings } from '../config/settings.js'
import type { CallOptions } from '../handlers/sdk-call.js'
import type { Registry } from '../registry/registry.js'
import type { Sidecar, SidecarEvent } from '../sidecar.js'
import type { SidecarParts } from './sidecar-parts.js'

/** The sidecar as a plugin sees it that starts with a reload: until that is done, with what is to come. */
export class IncomingSidecar implements Sidecar {
  readonly #sidecar: Sidecar
  #coming: SidecarParts | undefined

  constructor(sidecar: Sidecar, coming: SidecarParts) {
    this.#sidecar = sidecar
    this.#coming = coming
  }

  /** From now on it is the sidecar itself. */
  arrive(): void {
    this.#coming = undefined
  }

  get url(): string {
    return this.#sidecar.url
  }

  get address(): string {
    return this.#sidecar.address
  }

  get config(): Settings {
    return this.#coming?.settings ?? this.#sidecar.config
  }

  get registry(): Registry {
    return this.#coming?.client.registry ?? this.#sidecar.registry
  }

  get broker(): Broker {
    return this.#coming?.broker ?? this.#sidecar.broker
  }

  start(): Promise<void> {
    return this.#sidecar.start()
  }

  stop(): Promise<number> {
    return this.#sidecar.stop()
  }

  reload(config: MicroConfig): Promise<void> {
    return this.#sidecar.reload(config)
  }

  call<T = unknown>(service: string, method: string, request?: unknown, options?: CallOptions): Promise<T> {
    return this.#sidecar.call<T>(service, method, request, options)
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.#sidecar.fetch(path, init)
  }

  on(event: SidecarEvent, listener: () => void): () => void {
    return this.#sidecar.on(event, listener)
  }
}
