import type { ServerResponse } from 'node:http'
import { answerJson } from '../http/answer.js'

export interface HealthSource {
  readonly registryName: string
  /** Shutting down: callers should go elsewhere. */
  readonly draining: boolean
  /** Listening, with everything started. */
  readonly ready: boolean
}

/** `/health`, `/livez` and `/readyz`. */
export function healthRoute(path: string, response: ServerResponse, source: HealthSource): void {
  const isLive = path === '/livez'
  const well = isLive || (path === '/readyz' ? source.ready && !source.draining : !source.draining)
  answerJson(response, well ? 200 : 503, {
    status: well ? 'ok' : source.draining ? 'draining' : 'starting',
    registry: source.registryName,
    draining: source.draining,
  })
}
