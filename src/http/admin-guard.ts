import { timingSafeEqual } from 'node:crypto'
import { MicroError } from '../errors.js'
import { isLoopback } from './address.js'
import type { RequestHead } from './request-head.js'

const id = 'go.micro.sidecar'

export interface AdminGuardOptions {
  readonly token: string | undefined
  /** Other hosts may use admin paths without a token. */
  readonly open: boolean
  readonly cors: readonly string[]
  /** The listener is bound to a loopback address or a unix socket. */
  readonly loopback: boolean
}

export interface AdminRequest {
  readonly head: RequestHead
  /** IP address; empty on a unix socket. */
  readonly remoteAddress: string
  readonly origin: string | undefined
  readonly authorization: string | undefined
}

/** Why a request may not use an admin path; `undefined` when it may. */
export function adminRefusal(options: AdminGuardOptions, request: AdminRequest): MicroError | undefined {
  return hostRefusal(options, request) ?? originRefusal(options, request) ?? tokenRefusal(options, request)
}

/** A web page can lead its own name to 127.0.0.1: on a loopback listener only loopback's names are asked for. */
function hostRefusal(options: AdminGuardOptions, { head, remoteAddress }: AdminRequest): MicroError | undefined {
  if (!options.loopback || remoteAddress === '') return undefined
  const host = hostName(head.host ?? '')
  if (isLoopback(host)) return undefined
  const detail = `this path is served under loopback names only, not under ${JSON.stringify(host.slice(0, 100))}`
  return new MicroError(id, 421, detail, { reason: 'forbidden' })
}

function originRefusal({ cors }: AdminGuardOptions, { head, origin }: AdminRequest): MicroError | undefined {
  if (isAllowedOrigin(origin, head.host, cors)) return undefined
  return new MicroError(id, 403, 'requests of web pages of another origin are not served here (cors)', {
    reason: 'forbidden',
  })
}

/** Absent, the same host, or on the list. */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  cors: readonly string[],
): boolean {
  if (origin === undefined || cors.includes('*') || cors.includes(origin)) return true
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}

function tokenRefusal(options: AdminGuardOptions, request: AdminRequest): MicroError | undefined {
  const { token, open } = options
  if (token === undefined) {
    if (open || request.remoteAddress === '' || isLoopback(request.remoteAddress)) return undefined
    const detail = 'other hosts may use this path only with a token (auth.token), or when auth.open is set'
    return new MicroError(id, 403, detail, { reason: 'forbidden' })
  }
  const given = bearerToken(request.authorization)
  if (given === undefined)
    return new MicroError(id, 401, 'send the token as Authorization: Bearer', { reason: 'unauthorized' })
  return isEqual(given, token) ? undefined : new MicroError(id, 403, 'the token is wrong', { reason: 'forbidden' })
}

/** Whether this `Authorization` holds the admin token, which is nobody's business beyond this sidecar. */
export function holdsToken(authorization: string | undefined, token: string): boolean {
  const given = bearerToken(authorization)
  return given !== undefined && isEqual(given, token)
}

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]
}

/** In a time that does not depend on where the two differ. */
function isEqual(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host)
  return bracketed?.[1] ?? host.replace(/:\d+$/, '')
}
