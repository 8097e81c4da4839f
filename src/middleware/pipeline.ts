import { pluginFailed } from '../errors.js'
import type { Context, Middleware, MomentMiddleware } from './middleware.js'

/** Runs the moments of the named middleware: `onRequest` in the order of the list, the other two in reverse. */
export class Pipeline {
  readonly seesRequests: boolean
  readonly seesResponses: boolean
  readonly seesErrors: boolean
  readonly #list: readonly MomentMiddleware[]

  constructor(middleware: readonly Middleware[]) {
    this.#list = middleware.filter((one): one is MomentMiddleware => typeof one === 'object')
    this.seesRequests = this.#list.some((one) => one.onRequest !== undefined)
    this.seesResponses = this.#list.some((one) => one.onResponse !== undefined)
    this.seesErrors = this.#list.some((one) => one.onError !== undefined)
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  /** Stops after the first that answered by itself, which `answered` tells. */
  async onRequest(context: Context, answered: () => boolean): Promise<void> {
    for (const one of this.#list) {
      await guarded(one, () => one.onRequest?.(context))
      if (answered()) return
    }
  }

  async onResponse(context: Context): Promise<void> {
    for (let i = this.#list.length - 1; i >= 0; i--) {
      const one = this.#list[i]
      if (one?.onResponse !== undefined) await guarded(one, () => one.onResponse?.(context))
    }
  }

  /** The error to answer with. One that throws replaces the error by its own. */
  async onError(context: Context, error: Error): Promise<Error> {
    let current = error
    for (let i = this.#list.length - 1; i >= 0; i--) {
      const one = this.#list[i]
      if (one?.onError === undefined) continue
      try {
        current = (await one.onError(context, current)) ?? current
      } catch (thrown) {
        current = pluginFailed(`middleware ${one.name}`, thrown)
      }
    }
    return current
  }
}

async function guarded(middleware: MomentMiddleware, moment: () => void | Promise<void>): Promise<void> {
  try {
    await moment()
  } catch (error) {
    throw pluginFailed(`middleware ${middleware.name}`, error)
  }
}
