import assert from 'node:assert/strict'
import type { Exchange, SendOptions, Target, Transport, WireRequest } from '../../transport/transport.js'
import { Recorder } from './recorder.js'
import { type Script, ScriptedNode, silent } from './scripted-node.js'
import { within } from './signal.js'

/** What a transport may declare that it lacks, because the library under it cannot do it. */
export type TransportCapability =
  | 'asterisk-form'
  | 'continue-information'
  | 'early-length-check'
  | 'host-as-given'
  | 'keep-alive-spelling'
  | 'latin1-reason'
  | 'length-of-304'
  | 'request-trailers'
  | 'reset-while-idle'
  | 'reset-without-length'
  | 'strict-framing'

export interface TransportLimits {
  readonly connections: number
  readonly keepAlive: number
}

export type MakeTransport = (limits: TransportLimits) => Transport

export interface ConformanceCase {
  readonly title: string
  readonly needs?: TransportCapability
  readonly limits?: Partial<TransportLimits>
  run(bench: Bench): Promise<unknown>
}

/** What one case works with: a transport, nodes, and recorders that are checked and cleared away behind it. */
export class Bench {
  readonly transport: Transport
  readonly #nodes: ScriptedNode[] = []
  readonly #sent: Sent[] = []

  constructor(transport: Transport) {
    this.transport = transport
  }

  async node(script: Script = silent, host?: string): Promise<ScriptedNode> {
    const node = await ScriptedNode.listen(script, host)
    this.#nodes.push(node)
    return node
  }

  send(target: Target, request: Partial<WireRequest> = {}, options: Partial<SendOptions> = {}): Sent {
    const recorder = new Recorder()
    const exchange = this.transport.send(target, { ...get, ...request }, recorder, { ...patience, ...options })
    recorder.silence = undefined
    const sent = new Sent(exchange, recorder)
    this.#sent.push(sent)
    return sent
  }

  async clear(): Promise<void> {
    for (const sent of this.#sent) sent.abort()
    await Promise.all(this.#nodes.map((node) => node.close()))
    await within(2000, 'the close of the transport', this.transport.close())
    for (const { answer } of this.#sent) assert.deepEqual(answer.violations, [])
  }
}

export class Sent {
  readonly exchange: Exchange
  readonly answer: Recorder

  constructor(exchange: Exchange, answer: Recorder) {
    this.exchange = exchange
    this.answer = answer
  }

  abort(): void {
    this.answer.silence = 'after abort'
    this.exchange.abort()
  }
}

const get: WireRequest = { method: 'GET', path: '/', headers: ['Host', 'node'], body: null }
const patience: SendOptions = { connectTimeout: 2000, idleTimeout: 5000 }
