import { setMaxListeners } from 'node:events'
import { MicroError } from '../errors.js'
import { type CallOptions, sdkCall } from '../handlers/sdk-call.js'
import type { Generations } from './generations.js'

/** The calls of the program that the sidecar is embedded in: counted like those of callers, and cut like them. */
export class SdkCalls {
  readonly #generations: Generations
  #cut = cutter()

  constructor(generations: Generations) {
    this.#generations = generations
  }

  async call(service: string, method: string, request: unknown, options: CallOptions): Promise<unknown> {
    const { parts, traffic } = this.#generations
    traffic?.inFlight.enter()
    try {
      return await sdkCall({ ...parts, cut: this.#cut.signal }, service, method, request, options)
    } finally {
      traffic?.inFlight.leave()
    }
  }

  /** Ends those that run. */
  cut(): void {
    this.#cut.abort(stopped())
    this.#cut = cutter()
  }
}

export function stopped(): MicroError {
  return new MicroError('go.micro.client', 503, 'the sidecar has stopped', { reason: 'draining' })
}

function cutter(): AbortController {
  const controller = new AbortController()
  // One for each call that runs is no leak.
  setMaxListeners(0, controller.signal)
  return controller
}
