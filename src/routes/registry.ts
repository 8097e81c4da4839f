import type { IncomingMessage, ServerResponse } from 'node:http'
import { type NextFunction, type Request, type Response, Router } from 'express'
import { parseDuration } from '../config/durations.js'
import { MicroError } from '../errors.js'
import { answerError, answerJson } from '../http/answer.js'
import { readBody } from '../http/read-body.js'
import type { RegisterOptions, Registry } from '../registry/registry.js'
import { parseService, serviceJson } from '../registry/service-json.js'
import type { Log } from '../telemetry/log.js'

export interface RegistryRoutesOptions {
  /** Bytes. */
  readonly bodyLimit: number
  /** Hears of what the registry itself throws; the caller only learns that it failed. */
  readonly log?: Pick<Log, 'error'>
}

/** The HTTP side of `/registry`: register, deregister, look up, list. */
export function registryRoutes(registry: Registry, options: RegistryRoutesOptions): Router {
  const router = Router()
  router
    .route('/')
    .get(async (request, response) => answerJson(response, 200, await found(registry, request)))
    .post(register)
    .put(register)
    .delete(async (request, response) => {
      refuseEncoded(request)
      await registry.deregister(parseService(await readBody(request, options.bodyLimit), 'deregister'))
      response.end()
    })
    .all((request, response) => answerError(response, wrongMethod(request), ['Allow', allowed]))
  router.use((request, response) => answerError(response, noRoute(request)))
  router.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (!(error instanceof MicroError)) options.log?.error('the registry failed', { error })
    answerError(response, error instanceof MicroError ? error : failure(error))
  })
  return router

  async function register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    refuseEncoded(request)
    wantJson(request)
    const ttl = timeToLive(request)
    await registry.register(parseService(await readBody(request, options.bodyLimit), 'register'), ttl)
    response.end()
  }
}

const allowed = 'GET, HEAD, POST, PUT, DELETE'

async function found(registry: Registry, request: IncomingMessage): Promise<readonly object[]> {
  const name = query(request).get('service')
  if (name === null || name === '') return (await registry.listServices()).map(serviceJson)
  const services = await registry.getService(name)
  if (services.length === 0) throw refusal(404, 'Service not found', 'unknown_service')
  return services.map(serviceJson)
}

/** Nothing can be registered for no time at all. */
function timeToLive(request: IncomingMessage): RegisterOptions {
  const text = query(request).get('ttl')
  if (text === null) return {}
  const ttl = parseDuration(text)
  if (ttl !== undefined && ttl > 0) return { ttl }
  const shown = JSON.stringify(text.slice(0, 60))
  throw refusal(400, `ttl must be a Go duration above 0 such as 10s, 1m30s or 500ms, not ${shown}`, 'bad_request')
}

function wantJson(request: IncomingMessage): void {
  const type = request.headers['content-type']
  if (type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json') return
  const shown = type === undefined ? 'absent' : JSON.stringify(type.slice(0, 60))
  throw refusal(415, `Content-Type must be application/json, not ${shown}`, 'bad_request')
}

/** Inflating what a stranger sends has no bound worth its risk; a registration is small. */
function refuseEncoded(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  const shown = JSON.stringify(encoding.slice(0, 60))
  throw refusal(415, `Content-Encoding must be absent, not ${shown}: compressed bodies are not read`, 'bad_request')
}

function query({ url }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(/\?.*/s.exec(url ?? '')?.[0])
}

function wrongMethod({ method }: IncomingMessage): MicroError {
  return refusal(405, `${method} is not allowed at /registry, only ${allowed}`, 'bad_request')
}

function noRoute({ url }: IncomingMessage): MicroError {
  return refusal(404, `nothing is at /registry${url}; services are named by ?service=NAME`, 'no_route')
}

function failure(cause: unknown): MicroError {
  return new MicroError('go.micro.registry', 500, 'the registry failed', { reason: 'internal', cause })
}

function refusal(code: number, detail: string, reason: MicroError['reason']): MicroError {
  return new MicroError('go.micro.registry', code, detail, reason && { reason })
}
