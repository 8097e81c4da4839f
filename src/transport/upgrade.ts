import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type HttpProxy from 'http-proxy'
import type { MicroError } from '../errors.js'
import { rawAnswer } from '../http/raw-answer.js'
import type { TransportError } from './transport.js'
import { passAnswer, prepareSwitch } from './upgrade-answer.js'
import { WaitingCaller } from './upgrade-caller.js'
import { callerFault, draining, nodeFault, nothingSwitched, tooLate, upgradeFailure } from './upgrade-errors.js'
import type { Upgrade, UpgradeInput } from './upgrade-input.js'
import { askNode, upgradeEngine } from './upgrade-request.js'
import { tunnel } from './upgrade-tunnel.js'

export type { Upgrade, UpgradeInput, UpgradeOutcome } from './upgrade-input.js'

/** Carries a WebSocket or any other HTTP/1.1 upgrade to a node, and the node's refusal of it back. */
export function forwardUpgrade(input: UpgradeInput): Upgrade {
  return new Handshake(input)
}

/** From the caller's request to the head of the node's answer. What follows is a tunnel or a passed answer. */
class Handshake implements Upgrade {
  readonly #input: UpgradeInput
  readonly #caller: WaitingCaller
  readonly #startedAt = performance.now()
  #node: ClientRequest | undefined
  #timer: NodeJS.Timeout | undefined
  #connected = false
  #over = false
  #answer: IncomingMessage | undefined
  #protocol = ''
  #successor: Upgrade | undefined

  constructor(input: UpgradeInput) {
    this.#input = input
    input.socket.on('error', ignore)
    this.#caller = new WaitingCaller(input.socket, input.head, () => this.#leave())
    upgradeEngine().then(
      (engine) => this.#ask(engine),
      (cause) => this.#fail(callerFault('the upgrade engine could not be loaded', cause)),
    )
  }

  close(code?: number): void {
    if (this.#successor !== undefined) this.#successor.close(code)
    else if (this.#stop()) this.#refuse(draining())
  }

  #ask(engine: typeof HttpProxy): void {
    if (this.#over) return
    if (hasBody(this.#input.request)) {
      this.#fail(callerFault('a request with a body cannot be upgraded'))
      return
    }
    try {
      askNode(engine, this.#input, {
        onRequest: (node) => this.#watch(node),
        onError: (error) => this.#onError(error),
        onUpgrade: (answer, nodeSocket) => this.#switch(answer, nodeSocket),
        onOpen: (nodeSocket) => {
          this.#successor = tunnel(this.#input, nodeSocket, this.#protocol)
        },
        onResponse: (answer) => this.#pass(answer),
      })
    } catch (cause) {
      this.#fail(callerFault('the request cannot be sent', cause))
    }
  }

  #watch(node: ClientRequest): void {
    this.#node = node
    const { connectTimeout, headTimeout = connectTimeout } = this.#input
    this.#wait(Math.min(connectTimeout, headTimeout), 'no connection')
    node.once('socket', (socket) => socket.once('connect', () => this.#connect()))
  }

  #connect(): void {
    this.#connected = true
    if (this.#over) return
    const { connectTimeout, headTimeout } = this.#input
    const left = headTimeout === undefined ? connectTimeout : headTimeout - (performance.now() - this.#startedAt)
    this.#wait(left, 'no answer to the upgrade')
  }

  #wait(milliseconds: number, what: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#fail(tooLate(`${what} within ${Math.round(milliseconds)} ms`, this.#connected))
    }, milliseconds)
  }

  #switch(answer: IncomingMessage, nodeSocket: Socket): boolean {
    nodeSocket.on('error', ignore)
    if (!this.#settle()) {
      nodeSocket.destroy()
      return false
    }
    this.#protocol = answer.headers.upgrade ?? ''
    this.#caller.release()
    prepareSwitch(answer, this.#input)
    this.#input.onHead?.(101)
    return true
  }

  #pass(answer: IncomingMessage): void {
    // Node takes a 101 without `Upgrade` for an answer like any other.
    if (answer.statusCode === 101) this.#fail(nothingSwitched())
    if (!this.#settle()) return
    this.#answer = answer
    this.#caller.discard()
    this.#input.onHead?.(answer.statusCode ?? 502)
    this.#successor = passAnswer(this.#input, answer)
  }

  /** A parser that chokes on a body tells the request only, and leaves the answer hanging. */
  #onError(error: Error): void {
    if (this.#over) this.#answer?.destroy(error)
    else this.#fail(nodeFault(error, this.#connected))
  }

  #fail(error: TransportError): void {
    if (!this.#stop() || this.#input.onFailure?.(error)) return
    this.#refuse(upgradeFailure(error, this.#input.target), error)
  }

  #refuse(failure: MicroError, error?: TransportError): void {
    const { socket, onDone } = this.#input
    rawAnswer(socket, failure)
    socket.once('close', () => onDone?.({ status: failure.code, ...(error && { error }) }))
  }

  #leave(): void {
    if (!this.#stop()) return
    this.#input.socket.destroy()
    this.#input.onDone?.({})
  }

  /** Gives the node up and the caller back as it was. */
  #stop(): boolean {
    if (!this.#settle()) return false
    this.#node?.destroy()
    this.#caller.release()
    return true
  }

  /** Ends the wait; false when it had ended before. */
  #settle(): boolean {
    if (this.#over) return false
    this.#over = true
    clearTimeout(this.#timer)
    return true
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

function ignore(): void {}
