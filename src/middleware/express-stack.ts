import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request, Response } from 'express'
import { pluginFailed } from '../errors.js'
import { answerError } from '../http/answer.js'
import type { ExpressMiddleware, Middleware } from './middleware.js'

/** Runs the Express functions of a list in front of a request; `next` is called once when all of them let it through. */
export type ExpressStack = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** `undefined` where the list has no Express function: then Express is not even loaded. */
export async function expressStack(middleware: readonly Middleware[]): Promise<ExpressStack | undefined> {
  const functions = middleware.filter((one): one is ExpressMiddleware => typeof one === 'function')
  if (functions.length === 0) return undefined
  const { default: express } = await import('express')
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  for (const one of functions) app.use(one)
  return (request, response, next) => {
    let passed = false
    app(request as Request, response as Response, (error?: unknown) => {
      // A function that calls `next` twice, or behind an answer of its own, must not have the request sent on for it.
      if (passed || response.writableEnded) return
      passed = true
      // `null` comes of `next('router')`: nothing more of Express.
      if ((error === undefined || error === null) && !response.headersSent) next()
      else answerError(response, pluginFailed('an Express middleware', error))
    })
  }
}
