import type { IncomingMessage } from 'node:http'
import { MicroError } from '../errors.js'
import { without } from './header-list.js'
import { type KnownHeader, knownHeader } from './known-headers.js'

/** These stay even when a caller names them in `Connection`: dropping them would hide where a request came from. */
const neverHopByHop: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
  'authorization',
])

/** Empty for a request to nobody in particular. What else could stand there another server reads as another host. */
const hostForm = /^[^\s,/?#@\\<>"'`^{|}]*$/

/** The part of an incoming message that a head is read from. */
type RequestLines = Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>

/**
 * A request's head, read in one pass over the raw headers: what travels on, what this hop keeps, and whether its
 * framing can be read in one way only.
 */
export class RequestHead {
  /** End-to-end headers, `Host` among them, but for those named below: flat, in order, spelling kept. */
  headers: string[] = []
  host: string | undefined
  contentType: string | undefined
  via: string | undefined
  forwarded: string | undefined
  forwardedFor: string | undefined
  forwardedHost: string | undefined
  forwardedProto: string | undefined
  requestId: string | undefined
  /** Bytes of the body, when the caller told. */
  contentLength: number | undefined
  chunked = false
  expectsContinue = false
  /** `TE: trailers` was there. */
  acceptsTrailers = false
  /** Milliseconds that the caller gives the call; absent: no wish, or one that cannot be read. */
  timeout: number | undefined
  #hosts = 0
  #lengths = 0
  #encodings = 0
  #fault: string | undefined
  #named: Set<string> | undefined

  constructor(request: RequestLines) {
    const raw = request.rawHeaders
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i] ?? ''
      const value = raw[i + 1] ?? ''
      const kind = knownHeader(name)
      if (kind === undefined) this.headers.push(name, value)
      else this.#take(kind, name, value)
    }
    if (this.#named !== undefined) this.headers = without(this.headers, this.#named)
    this.#checkFraming(request)
  }

  /** What makes the framing ambiguous; the answer is 400 and the connection ends. */
  get fault(): string | undefined {
    return this.#fault
  }

  get hasBody(): boolean {
    return this.chunked || (this.contentLength ?? 0) > 0
  }

  #take(kind: KnownHeader, name: string, value: string): void {
    switch (kind) {
      case 'host':
        this.#hosts++
        this.host = value
        this.headers.push(name, value)
        break
      case 'content-type':
        this.contentType ??= value
        this.headers.push(name, value)
        break
      case 'connection':
        this.#takeConnection(value)
        break
      case 'te':
        if (/(?:^|,)\s*trailers\s*(?:,|;|$)/i.test(value)) this.acceptsTrailers = true
        break
      case 'transfer-encoding':
        this.#encodings++
        if (value.toLowerCase() === 'chunked') this.chunked = true
        else this.#fault = `Transfer-Encoding must be exactly "chunked", not ${quote(value)}`
        break
      case 'content-length':
        this.#lengths++
        if (/^\d{1,15}$/.test(value)) this.contentLength = Number(value)
        else this.#fault = `Content-Length must be a number, not ${quote(value)}`
        break
      case 'expect':
        this.expectsContinue = value.toLowerCase() === '100-continue'
        break
      case 'look-alike':
        this.#fault = `${name} looks like a framing header`
        break
      default:
        this.#takeOwn(kind, value)
    }
  }

  #takeOwn(kind: KnownHeader, value: string): void {
    switch (kind) {
      case 'via':
        this.via = join(this.via, value)
        break
      case 'forwarded':
        this.forwarded = join(this.forwarded, value)
        break
      case 'x-forwarded-for':
        this.forwardedFor = join(this.forwardedFor, value)
        break
      case 'x-forwarded-host':
        this.forwardedHost ??= value
        break
      case 'x-forwarded-proto':
        this.forwardedProto ??= value
        break
      case 'x-request-id':
        this.requestId ??= value
        break
      case 'timeout':
        this.#shorten(/^\d{1,18}$/.test(value) ? Number(value) / 1e6 : undefined)
        break
      case 'micro-timeout-ms':
        this.#shorten(/^\d{1,12}$/.test(value) ? Number(value) : undefined)
        break
      case 'grpc-timeout':
        this.#shorten(grpcTimeout(value))
        break
      default:
    }
  }

  #shorten(timeout: number | undefined): void {
    if (timeout !== undefined && timeout < (this.timeout ?? Number.POSITIVE_INFINITY)) this.timeout = timeout
  }

  #takeConnection(value: string): void {
    if (value === 'keep-alive' || value === 'close' || value === 'Upgrade') return
    for (const part of value.split(',')) {
      const name = part.trim().toLowerCase()
      if (name === '' || neverHopByHop.has(name)) continue
      this.#named ??= new Set()
      this.#named.add(name)
    }
  }

  #checkFraming(request: RequestLines): void {
    if (request.httpVersionMajor !== 1) this.#fault = `HTTP/${request.httpVersionMajor} in the form of HTTP/1.1`
    else if (this.#hosts > 1) this.#fault = 'more than one Host header'
    else if (this.#hosts === 0 && request.httpVersionMinor > 0) this.#fault = 'no Host header'
    else if (!hostForm.test(this.host ?? ''))
      this.#fault = `Host must be a name or an address, not ${quote(this.host ?? '')}`
    else if (this.#encodings > 0 && this.#lengths > 0) this.#fault = 'Transfer-Encoding together with Content-Length'
    else if (this.#encodings > 1 || this.#lengths > 1) this.#fault = 'the length of the body is told more than once'
    else if (this.chunked && request.httpVersionMinor === 0) this.#fault = 'Transfer-Encoding in an HTTP/1.0 request'
  }
}

/** A 400 for a message that could be read in two ways. */
export function framingError(fault: string): MicroError {
  return new MicroError('go.micro.sidecar', 400, `the request cannot be passed on safely: ${fault}`, {
    reason: 'bad_request',
  })
}

function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 60))
}

const grpcUnits: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

function grpcTimeout(value: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(value)
  return match ? Number(match[1]) * (grpcUnits[match[2] ?? ''] ?? 0) : undefined
}
