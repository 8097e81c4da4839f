import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { MicroError, pluginFailed } from '../errors.js'
import { answerError } from '../http/answer.js'
import type { Plugin } from '../plugin/plugin.js'
import type { Registry } from '../registry/registry.js'
import type { Log } from '../telemetry/log.js'
import { registryRoutes } from './registry.js'

export interface AdminOptions {
  readonly registry: Registry
  readonly plugins: readonly Plugin[]
  readonly bodyLimit: number
  readonly log: Log
}

const later: readonly string[] = ['/stats']

/** The sidecar's own routes. Express stands here and nowhere in front of traffic. */
export function adminRoutes(options: AdminOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.use('/registry', registryRoutes(options.registry, { bodyLimit: options.bodyLimit, log: options.log }))
  for (const path of later) app.use(path, unavailable(path))
  for (const plugin of options.plugins) {
    for (const route of plugin.routes ?? []) app.use(route.path, (request, response) => route.handle(request, response))
  }
  app.use(notFound)
  app.use(failed(options.log))
  return app
}

function unavailable(path: string): RequestHandler {
  return (_request, response) => {
    answerError(
      response,
      new MicroError('go.micro.sidecar', 501, `${path} is not available in this version`, { reason: 'no_route' }),
    )
  }
}

const notFound: RequestHandler = (request, response) => {
  const detail = `nothing is served at ${request.path.slice(0, 100)}`
  answerError(response, new MicroError('go.micro.sidecar', 404, detail, { reason: 'no_route' }))
}

function failed(log: Log): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (error, request, response, _next) => {
    const failure = pluginFailed(`the route ${request.path.slice(0, 100)}`, error)
    if (failure.reason === 'internal')
      log.error(failure.detail, { cause: error instanceof Error ? error.stack : error })
    answerError(response, failure)
  }
}
