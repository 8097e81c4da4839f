import type { Application } from '../app/application.js'
import type { AppHealth, BrokerHealth, HealthSource, RegistryHealth } from '../routes/health.js'
import type { Generations } from './generations.js'

/** What a sidecar is about, in the order of a life. */
export type SidecarState = 'new' | 'starting' | 'running' | 'draining' | 'stopped'

/** What `/health` and `/readyz` tell. */
export class SidecarHealth implements HealthSource {
  readonly #generations: Generations
  readonly #application: () => Application | undefined
  readonly #state: () => SidecarState

  constructor(generations: Generations, application: () => Application | undefined, state: () => SidecarState) {
    this.#generations = generations
    this.#application = application
    this.#state = state
  }

  get app(): AppHealth | null {
    return this.#application()?.health ?? null
  }

  get registryHealth(): RegistryHealth {
    const { registry } = this.#generations.parts.client
    return { name: registry.name, ...registry.status?.() }
  }

  get brokerHealth(): BrokerHealth {
    const { broker } = this.#generations.parts
    return { name: broker.name, ...broker.status() }
  }

  get draining(): boolean {
    return this.#state() === 'draining'
  }

  get ready(): boolean {
    return this.#state() === 'running'
  }
}
