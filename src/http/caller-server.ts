import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { MicroError } from '../errors.js'
import { hostPort, listenOptions } from './address.js'
import { callerOf } from './caller.js'
import { CallerList } from './caller-list.js'
import { onClientError } from './client-error.js'
import { declineUpgrade } from './decline-upgrade.js'
import { watchHalfClose } from './half-close.js'
import { inTurn } from './in-turn.js'
import { Inbound } from './inbound.js'
import type { Intake } from './intake.js'
import { isLoop, loopError } from './loop.js'
import { holdBack, nextOf } from './pipelining.js'
import { rawAnswer } from './raw-answer.js'
import { framingError, RequestHead } from './request-head.js'
import { removeStaleSocket } from './stale-socket.js'

/** Milliseconds for an answer that has ended to reach its socket. */
const flushTime = 250

/** The listener in front of everything: limits, framing, callers that leave, and the end of it all. */
export class CallerServer {
  readonly #server: Server
  readonly #callers = new CallerList()
  #intake: Intake

  constructor(intake: Intake) {
    this.#intake = intake
    const server = createServer(serverOptions((request) => this.#intake.wantsUpgrade(request)))
    // Node drops header lines beyond its own count without a word: take all and count.
    server.maxHeadersCount = 0
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on('connection', (socket: Socket) => this.#callers.add(socket))
    server.on('request', (request, response) => this.#onRequest(request, response))
    server.on('checkContinue', (request, response) => this.#onRequest(request, response))
    server.on('checkExpectation', (request, response) => this.#onRequest(request, response))
    server.on('upgrade', (request, socket: Socket, rest) => this.#onUpgrade(request, socket, rest))
    server.on('connect', (_request, socket: Socket) => refuseConnect(socket))
    server.on('clientError', (error, socket: Socket) => onClientError(error, socket))
    this.#server = server
    this.use(intake)
  }

  /** It takes what comes from now on; what the one before has taken ends with that. */
  use(intake: Intake): void {
    const { headers, headersTimeout, requestTimeout, keepAlive } = intake.limits
    this.#intake = intake
    Object.assign(this.#server, { maxHeaderSize: headers, headersTimeout, requestTimeout, keepAliveTimeout: keepAlive })
  }

  /** Rejects with the system's error, e.g. EADDRINUSE. */
  async listen(address: string): Promise<void> {
    const options = listenOptions(address)
    if (options === undefined) throw new Error(`not an address to listen at: ${address}`)
    if (options.path !== undefined) await removeStaleSocket(options.path)
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(options, () => {
        this.#server.off('error', reject)
        this.#server.on('error', ignore)
        resolve()
      })
    })
  }

  /** `127.0.0.1:8081`, with the real port; `unix:/path`. `undefined` while it does not listen. */
  get address(): string | undefined {
    const bound = this.#server.address()
    if (bound === null) return undefined
    return typeof bound === 'string' ? `unix:${bound}` : hostPort(bound.address, bound.port)
  }

  /** What is answered from now on is the last of its connection; what would go on for ever ends. */
  finish(): void {
    this.#callers.finish()
  }

  /** Takes no more connections and ends those that are there: by force what is not answered, and what takes too long. */
  async close(limit: number): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    // The last answers are still on their way to their sockets, and WebSockets have been told to close.
    const cut = setTimeout(() => this.#server.closeAllConnections(), Math.min(flushTime, limit))
    const timer = pause(limit, undefined, { ref: false })
    await Promise.race([closed, timer])
    clearTimeout(cut)
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const caller = callerOf(request.socket)
    if (caller.refused) return
    const inbound = new Inbound(request, response, this.#intake)
    response.once('close', () => this.#onEnd(inbound))
    request.on('error', ignore)
    response.on('error', ignore)
    this.#watchEnd(inbound)
    const refusal = this.#refusal(request, inbound.head)
    if (refusal !== undefined) this.#refuse(inbound, refusal)
    else if (!holdBack(inbound)) this.#intake.onRequest(inbound)
  }

  #onEnd(inbound: Inbound): void {
    const { caller } = inbound
    if (caller.current === inbound) caller.current = undefined
    if (caller.queued.length > 0) caller.queued.splice(caller.queued.indexOf(inbound) >>> 0, 1)
    if (!inbound.response.writableFinished) inbound.call?.abort()
    inbound.call = undefined
    inbound.leave()
    inbound.intake?.onEnd(inbound)
    const next = nextOf(caller)
    if (next === undefined) return
    next.intake = this.#intake
    this.#intake.onRequest(next)
  }

  #watchEnd(inbound: Inbound): void {
    const { socket } = inbound.request
    const { caller } = inbound
    if (inbound.response.socket === null) caller.queued.push(inbound)
    if (caller.halfClosed) return
    caller.current = inbound
    if (caller.watched) return
    caller.watched = true
    socket.on('end', () => {
      caller.halfClosed = true
      if (caller.current !== undefined && !caller.current.response.writableFinished) watchHalfClose(caller.current)
    })
    socket.on('close', () => {
      caller.held.length = 0
      for (const { response } of caller.queued.slice()) response.destroy().emit('close')
    })
  }

  #refuse(inbound: Inbound, refusal: MicroError): void {
    inbound.caller.refused = true
    inbound.response.shouldKeepAlive = false
    inbound.fail(refusal)
  }

  #refusal(request: IncomingMessage, head: RequestHead): MicroError | undefined {
    if (head.fault !== undefined) return framingError(head.fault)
    if (head.via !== undefined && isLoop(head.via)) return loopError()
    const { headerCount } = this.#intake.limits
    if (request.rawHeaders.length <= headerCount * 2) return undefined
    const detail = `more than ${headerCount} request headers (limits.headerCount)`
    return new MicroError('go.micro.sidecar', 431, detail, { reason: 'too_large' })
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, rest: Buffer): void {
    // An upgrade that is declined leaves the connection here, for more of the kind.
    if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore)
    const caller = callerOf(socket)
    if (caller.refused) return
    const head = new RequestHead(request)
    const refusal = this.#refusal(request, head)
    if (refusal !== undefined) caller.refused = true
    inTurn(socket, () => {
      if (refusal !== undefined) rawAnswer(socket, refusal)
      else if (this.#intake.wantsUpgrade(request)) this.#intake.onUpgrade(request, socket, rest, head)
      else declineUpgrade(this.#server, request, socket, rest)
    })
  }
}

function serverOptions(shouldUpgradeCallback: (request: IncomingMessage) => boolean): ServerOptions {
  const options = {
    connectionsCheckingInterval: 1000,
    // Checked by us, for a missing one as for two, so that the answer has the error form.
    requireHostHeader: false,
    noDelay: true,
    // Where Node knows it (24.9): the body of such a request is read as any other's.
    shouldUpgradeCallback,
    // Where Node knows it (24.12): no stream is set up for a body that is not there.
    optimizeEmptyRequests: true,
  }
  return options
}

function refuseConnect(socket: Socket): void {
  socket.on('error', ignore)
  if (callerOf(socket).refused) return
  const detail = 'CONNECT is not served: name a service in the path instead'
  const error = new MicroError('go.micro.sidecar', 405, detail, { reason: 'no_route' })
  inTurn(socket, () => rawAnswer(socket, error))
}

function ignore(): void {}
