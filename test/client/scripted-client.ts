import { afterEach, beforeEach } from 'vitest'
import { p2c } from '../../src/client/balancers/p2c.js'
import type { CallHandle, CallProgress, CallSink, ClientCall } from '../../src/client/call.js'
import { Client } from '../../src/client/client.js'
import type { MicroError } from '../../src/errors.js'
import { memoryRegistry } from '../../src/registry/memory.js'
import type { Registry } from '../../src/registry/registry.js'
import {
  type AnswerSink,
  type Exchange,
  type Target,
  type Transport,
  TransportError,
  type TransportErrorKind,
  type WireBody,
} from '../../src/transport/transport.js'
import { clientCall, serviceSettings } from './calls.js'

export type Script = (sink: AnswerSink, target: Target) => void

/** Plays one script a request, in order; the last one again and again. */
export class ScriptedTransport implements Transport {
  readonly name = 'scripted'
  readonly ports: number[] = []
  aborted = 0
  /** Whether a byte of a request leaves before its script plays; scripts that fail say so themselves. */
  sends = true
  readonly #scripts: Script[]

  constructor(scripts: Script[]) {
    this.#scripts = scripts
  }

  send(target: Target, _request: unknown, sink: AnswerSink): Exchange {
    const script = this.#scripts[Math.min(this.ports.length, this.#scripts.length - 1)]
    this.ports.push(target.port)
    let over = false
    queueMicrotask(() => over || script?.(sink, target))
    return {
      sent: this.sends,
      resume() {},
      abort: () => {
        over = true
        this.aborted++
      },
    }
  }

  async close(): Promise<void> {}
}

export const answer: Script = (sink) => {
  sink.onHead(200, [], 'OK')
  sink.onEnd([])
}
/** An answer of that status, whole at once. */
export const status =
  (code: number, headers: string[] = []): Script =>
  (sink) => {
    sink.onHead(code, headers, '')
    sink.onEnd([])
  }

export const failing =
  (kind: TransportErrorKind, sent: boolean, reused = false): Script =>
  (sink) =>
    sink.onError(new TransportError(kind, kind, { sent, reused }))

export const settings = serviceSettings({ retries: 1, replayLimit: 0, backoff: { base: 0, max: 0 } })

/** Of the last `clientOn`; closed after the test. */
export let client: Client
let registry: Registry

beforeEach(async () => {
  registry = memoryRegistry()
  for (const port of [1, 2]) await addNode(port, port === 1 ? '' : '2')
})

afterEach(() => client.close())

/** One more node of the service `a`, which has two, of the versions '' and '2'. */
export async function addNode(port: number, version = ''): Promise<void> {
  const nodes = [{ id: `n${port}`, address: '127.0.0.1', port, metadata: {} }]
  await registry.register({ name: 'a', version, metadata: {}, endpoints: [], nodes })
}

export function clientOn(...scripts: Script[]): ScriptedTransport {
  const transport = new ScriptedTransport(scripts)
  const balancer = p2c()
  client = new Client({ registry, transport, balancer: () => balancer })
  client.start()
  return transport
}

export interface Outcome extends CallProgress {
  readonly status?: number
  readonly error?: MicroError
}

/** `started` gets what the caller may end the call with. */
export function run(
  call: Partial<ClientCall> & { body?: WireBody } = {},
  started: (handle: CallHandle) => void = () => {},
): Promise<Outcome> {
  const { body = null, ...rest } = call
  return new Promise((resolve) => {
    let status = 0
    let progress: CallProgress = { attempts: 0, node: undefined, reached: false }
    const sink: CallSink = {
      onInformation() {},
      onHead(code, _headers, _reason, now) {
        status = code
        progress = { attempts: now.attempts, node: now.node, reached: now.reached }
      },
      onData: () => true,
      onEnd: () => resolve({ status, ...progress }),
      onError: (error, { attempts, node, reached }) => resolve({ error, attempts, node, reached }),
    }
    const wire = () => ({ method: 'GET', path: '/', headers: [], body })
    started(client.send(clientCall({ settings, wire, ...rest }), sink))
  })
}
