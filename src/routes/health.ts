import type { ServerResponse } from 'node:http'
import type { BrokerStatus } from '../broker/broker.js'
import { answerJson } from '../http/answer.js'
import type { RegistryStatus } from '../registry/registry.js'

/** The application beside the sidecar. */
export interface AppHealth {
  readonly name: string
  readonly healthy: boolean
  readonly registered: boolean
  /** When the last check ended, in ISO form. */
  readonly checkedAt?: string
  /** The HTTP status that it gave. */
  readonly status?: number
}

/** With `state` and `age` where the registry tells them. */
export interface RegistryHealth extends Partial<RegistryStatus> {
  readonly name: string
}

export interface BrokerHealth extends BrokerStatus {
  readonly name: string
}

export interface HealthSource {
  /** `null` where no application is beside the sidecar. */
  readonly app: AppHealth | null
  readonly registryHealth: RegistryHealth
  readonly brokerHealth: BrokerHealth
  /** Shutting down: callers should go elsewhere. */
  readonly draining: boolean
  /** Listening, with everything started. */
  readonly ready: boolean
}

/** `/health`, `/livez` and `/readyz`. */
export function healthRoute(path: string, response: ServerResponse, source: HealthSource): void {
  const { app, registryHealth: registry, brokerHealth: broker, draining, ready } = source
  const isWell = path === '/livez' || (!draining && (path === '/readyz' ? ready : app?.healthy !== false))
  const code = isWell ? 200 : path === '/health' && !draining ? failingCode(app) : 503
  const status = isWell ? 'ok' : draining ? 'draining' : path === '/readyz' ? 'starting' : 'failing'
  answerJson(response, code, { status, app, registry: rounded(registry), broker, draining })
}

function rounded(registry: RegistryHealth): RegistryHealth {
  return registry.age === undefined ? registry : { ...registry, age: Math.round(registry.age) }
}

/** The application's own word for what is wrong with it, where it had one. */
function failingCode(app: AppHealth | null): number {
  return app?.status !== undefined && app.status >= 400 && app.status <= 599 ? app.status : 503
}
